/** What a method of the API takes and answers, in the OpenAPI document, from the schemas that hold at run time. */
import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { id } from './requests.js';
import { problem } from './responses.js';

type Schema = Readonly<Record<string, unknown>>;

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Schema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'openapi-3.0', io }) as Schema;
  return rest;
};

const PROBLEM = { 'application/problem+json': { schema: schemaOf(problem, 'output') } };

const FAILURES: Readonly<Record<number, string>> = {
  400: 'A parameter is missing, unknown or not of its shape, or the address is no text',
  403: 'By a foreign name or for a page of another site, or only for this machine',
  404: 'There is none of this id',
  500: 'Ours to look into: the log says why',
  503: 'The service starts, stands by or ends: ask again',
};

export interface Described {
  readonly summary: string;
  readonly answers: z.ZodType;
  readonly query?: z.ZodObject;
  /** By name, what it names. */
  readonly ids?: Readonly<Record<string, string>>;
  /** Never 404: an unknown id has an empty answer. */
  readonly neverMissing?: boolean;
}

export const Described = ({ summary, answers, query, ids = {}, neverMissing = false }: Described): MethodDecorator => {
  const failures = [400, 403, ...(Object.keys(ids).length > 0 && !neverMissing ? [404] : []), 500, 503];
  return applyDecorators(
    ApiOperation({ summary }),
    ...Object.entries(query?.shape ?? {}).map(([name, field]) =>
      ApiQuery({
        name,
        required: !(field as z.ZodType).safeParse(undefined).success,
        description: (field as z.ZodType).description ?? name,
        schema: schemaOf(field as z.ZodType, 'input'),
      }),
    ),
    ...Object.entries(ids).map(([name, description]) => ApiParam({ name, description, schema: schemaOf(id, 'input') })),
    ApiOkResponse({ description: summary, schema: schemaOf(answers, 'output') }),
    ...failures.map((status) => ApiResponse({ status, description: FAILURES[status] ?? '', content: PROBLEM })),
  );
};
