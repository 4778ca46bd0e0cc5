/** While a process starts, stands by or ends, whatever asks for work is refused; what tells of the process answers. */
import { ClockController, FeedController, GrpcHealthController } from '@mora/grpc';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { DoorClosed } from '../errors.js';
import { SERVICE } from '../tokens.js';

/** Of a controller that answers also while the doors are closed. */
export const AlwaysOpen = Reflector.createDecorator<void, boolean>({ transform: () => true });

/** Injection token of `() => boolean`: whether work is taken. */
export const IS_OPEN = Symbol('IsOpen');

@Injectable()
export class WhileOpen implements CanActivate {
  constructor(
    @Inject(IS_OPEN) private readonly isOpen: () => boolean,
    @Inject(SERVICE) private readonly service: string,
    private readonly reflector: Reflector,
  ) {}

  /** @throws DoorClosed: the caller asks again */
  canActivate(context: ExecutionContext): boolean {
    if (this.isOpen() || isTelling(this.reflector, context)) return true;
    throw new DoorClosed(this.service);
  }
}

/** What others may ask at any time of how far this process is. */
const TELLING: readonly unknown[] = [FeedController, GrpcHealthController, ClockController];

const isTelling = (reflector: Reflector, context: ExecutionContext): boolean =>
  reflector.get(AlwaysOpen, context.getClass()) === true || TELLING.includes(context.getClass());
