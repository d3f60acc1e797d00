import type { DestinationId } from '../../../model/destination.ts';
import { ERROR_CODES, ViprError, type ViprErrorCode } from '../../../model/error.ts';
import type { Operation } from '../../../model/operation.ts';
import type { ServiceId } from '../../../model/service.ts';
import type { ServiceStatus, TableSnapshot } from '../../../model/table.ts';
import type { ConnectionPage } from '../balancer/connection-entries.ts';

/** What the engine asks of the balancer thread, by structured clone. */
export type ControlRequest =
  | { readonly kind: 'execute'; readonly operations: readonly Operation[] }
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'service'; readonly id: ServiceId }
  | { readonly kind: 'connections'; readonly from: number }
  /** Ends the connections of a destination, and has clients that persist find another one. */
  | { readonly kind: 'purge'; readonly service: ServiceId; readonly destination: DestinationId }
  /** Answered when the last connection has ended or the time is over; the thread leaves then. */
  | { readonly kind: 'close'; readonly drainMilliseconds: number };

export interface ControlAnswers {
  readonly execute: readonly (PlainError | undefined)[];
  readonly snapshot: TableSnapshot;
  readonly service: ServiceStatus | undefined;
  readonly connections: ConnectionPage;
  /** Connections that were ended. */
  readonly purge: number;
  readonly close: { readonly cut: number };
}

export interface ControlMessage {
  readonly number: number;
  readonly request: ControlRequest;
}

/** What the balancer sends on its own accord or as an answer. */
export type BalancerMessage =
  | { readonly kind: 'ready'; readonly descriptorLimit: number }
  | {
      readonly kind: 'answer';
      readonly number: number;
      readonly answer: ControlAnswers[ControlRequest['kind']];
    }
  | { readonly kind: 'warning'; readonly text: string };

/** A ViprError as structured clone carries it. */
export interface PlainError {
  readonly code: ViprErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly errno: string | undefined;
}

export function toPlainError(error: unknown): PlainError {
  if (error instanceof ViprError) {
    return { code: error.code, message: error.message, hint: error.hint, errno: error.errno };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'ENGINE_FAILED', message, hint: undefined, errno: ERROR_CODES.ENGINE_FAILED.errno };
}

export function fromPlainError({ code, message, hint, errno }: PlainError): ViprError {
  return new ViprError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(errno === undefined ? {} : { errno }),
  });
}

/** The word by which the engine tells the balancer that a control message waits. */
export const CONTROL_PENDING = 0;
