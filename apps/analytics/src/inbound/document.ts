/** The OpenAPI document of the API. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

export const serveDocument = (app: NestFastifyApplication): void => {
  const document = new DocumentBuilder()
    .setTitle('Mora analytics')
    .setDescription('Figures, cases, calls and proofs, read from projected views. Without personal data.')
    .setVersion('1')
    .build();
  SwaggerModule.setup('api/docs', app, () => SwaggerModule.createDocument(app, document), {
    ui: false,
    raw: ['json'],
    jsonDocumentUrl: 'api/openapi.json',
  });
};
