import type { IpAddress } from '../model/address.ts';
import type { Operation } from '../model/operation.ts';
import type { ServiceId } from '../model/service.ts';
import type { Port } from '../model/unit.ts';

/** Shapes that are remembered; a table has a handful, one for each set of options. */
const MOST_SHAPES = 16;

/** IPv4 addresses with ports that are words of their own. */
const ENDPOINTS = /(?<=[ \t])[0-9]+\.[0-9.]+:[1-9][0-9]*(?=[ \t\r]|$)/g;

/** What the lines have in common that differ in nothing but the addresses and ports of a service and a destination. */
interface Shape {
  readonly before: string;
  /** Between the two; undefined where there is a service alone. */
  readonly between: string | undefined;
  readonly after: string;
  readonly operation: ServiceOperation | DestinationOperation;
}

type ServiceOperation = Extract<Operation, { kind: `${string}-service` }>;
type DestinationOperation = Extract<Operation, { kind: `${string}-destination` }>;

/**
 * Reads most lines of a large table without reading their options again: one line of a kind was parsed, the next ones differ in
 * the addresses. A saved table of 50,000 lines has some five kinds.
 */
export class LineShapes {
  /** The one that was used last comes first. */
  readonly #shapes: Shape[] = [];
  /** Lines of one service follow each other. */
  #lastText = '';
  #lastService: ServiceId | undefined;

  /** What the line asks for, where a line of its shape was learnt. */
  operationOf(line: string): Operation | undefined {
    for (let index = 0; index < this.#shapes.length; index++) {
      const shape = this.#shapes[index];
      if (shape === undefined || !line.startsWith(shape.before) || !line.endsWith(shape.after)) continue;
      const operation = this.#inShape(line, shape);
      if (operation === undefined) continue;
      if (index > 0) {
        this.#shapes.splice(index, 1);
        this.#shapes.unshift(shape);
      }
      return operation;
    }
    return undefined;
  }

  /** Remembers the line's shape, if it has one; `operation` is what it was found to ask for. */
  learn(line: string, operation: Operation): void {
    if (!('service' in operation) || operation.kind === 'zero' || operation.service.kind !== 'address')
      return;
    const found = [...line.matchAll(ENDPOINTS)].map(({ 0: text, index }) => ({ text, index }));
    const named = [operation.service, ...('destination' in operation ? [operation.destination] : [])];
    const [first, last] = [found[0], found.at(-1)];
    // Words that happen to look like an endpoint, or stand in another order, are no shape.
    if (found.length !== named.length || first === undefined || last === undefined) return;
    if (found.some(({ text }, index) => text !== `${named[index]?.address}:${named[index]?.port}`)) return;
    if (first !== last && first.text === last.text) return;
    this.#shapes.unshift({
      before: line.slice(0, first.index),
      between: first === last ? undefined : line.slice(first.index + first.text.length, last.index),
      after: line.slice(last.index + last.text.length),
      operation,
    });
    this.#shapes.splice(MOST_SHAPES);
  }

  #inShape(line: string, { before, between, after, operation }: Shape): Operation | undefined {
    const start = before.length;
    const stop = line.length - after.length;
    const middle = between === undefined ? stop : line.indexOf(between, start);
    if (middle < 0 || middle > stop) return undefined;
    const service = this.#service(line.slice(start, middle), operation.service);
    if (service === undefined) return undefined;
    if ('settings' in operation) return { kind: operation.kind, service, settings: operation.settings };
    if (between === undefined || !('destination' in operation)) return { ...operation, service } as Operation;
    const endpoint = parseEndpoint(line, middle + between.length, stop);
    if (endpoint === undefined || hasServicePort(operation) !== (endpoint.port === portOf(service)))
      return undefined;
    return { ...operation, service, destination: { ...operation.destination, ...endpoint } } as Operation;
  }

  #service(text: string, like: ServiceId): ServiceId | undefined {
    const last = this.#lastService;
    if (like.kind !== 'address') return undefined;
    if (text === this.#lastText && last?.kind === 'address' && last.protocol === like.protocol) return last;
    const endpoint = parseEndpoint(text, 0, text.length);
    if (endpoint === undefined) return undefined;
    this.#lastText = text;
    this.#lastService = { kind: 'address', protocol: like.protocol, ...endpoint };
    return this.#lastService;
  }
}

/** With `-g` and `-i` a destination has the service's port, whatever `-r` says: equal ports may be no coincidence. */
function hasServicePort({ service, destination }: DestinationOperation): boolean {
  return destination.port === portOf(service);
}

function portOf(service: ServiceId): Port | undefined {
  return service.kind === 'address' ? service.port : undefined;
}

const DOT = 46;
const ZERO = 48;
const NINE = 57;
const COLON = 58;

/** A canonical IPv4 address with a port from 1; undefined for anything else. */
function parseEndpoint(
  text: string,
  start: number,
  stop: number,
): { readonly address: IpAddress; readonly port: Port } | undefined {
  let dots = 0;
  let number = 0;
  let digits = 0;
  let colon = -1;
  for (let at = start; at < stop; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= NINE) {
      if (digits > 0 && number === 0) return undefined;
      number = number * 10 + code - ZERO;
      digits += 1;
      if (number > (colon < 0 ? 255 : 65535)) return undefined;
      continue;
    }
    if (digits === 0 || colon >= 0) return undefined;
    if (code === DOT && dots < 3) dots += 1;
    else if (code === COLON && dots === 3) colon = at;
    else return undefined;
    number = 0;
    digits = 0;
  }
  if (colon < 0 || number === 0) return undefined;
  return { address: text.slice(start, colon) as IpAddress, port: number as Port };
}
