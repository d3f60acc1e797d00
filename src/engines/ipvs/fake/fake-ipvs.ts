import { ViprError } from '../../../model/error.ts';
import type { Operation } from '../../../model/operation.ts';
import { type ServiceId, serviceFamily, serviceKey } from '../../../model/service.ts';
import {
  type FakeAnswer,
  FakeKernel,
  type FakeMessage,
  type FakeRequest,
} from '../../../netlink/fake-kernel.ts';
import { GenericNetlink } from '../../../netlink/generic-netlink.ts';
import { NetlinkConnection } from '../../../netlink/netlink-connection.ts';
import type { NetlinkWriter } from '../../../netlink/netlink-writer.ts';
import { findScheduler } from '../../../scheduling/registry.ts';
import { HostEnvironment, type TableEnvironment } from '../../table/environment.ts';
import type { LiveService } from '../../table/live-service.ts';
import { LiveTable } from '../../table/live-table.ts';
import { CMD_ATTR, IPVS_COMMANDS, IPVS_FAMILY } from '../ipvs-message.ts';
import type { IpvsModules } from '../open-ipvs-engine.ts';
import {
  answerDaemon,
  answerDestination,
  answerInfo,
  answerService,
  answerTimeouts,
  serviceFlags,
} from './kernel-answer.ts';
import {
  type Attributes,
  attributesOf,
  parseDaemon,
  parseDaemonRole,
  parseDestination,
  parseDestinationId,
  parseServiceId,
  parseServiceSettings,
  parseTimeout,
} from './kernel-parser.ts';
import { ERRNO, type Errno, KernelRefusal } from './kernel-refusal.ts';

export interface FakeIpvsOptions {
  /** What is asked about addresses and interfaces; the host where absent. */
  readonly environment?: TableEnvironment;
  /** Whether the module is there; where it is not, `loadModule` brings it. Yes where absent. */
  readonly loaded?: boolean;
  /** Whether there is a module at all; yes where absent. */
  readonly exists?: boolean;
  /** Whether the program has CAP_NET_ADMIN; yes where absent. */
  readonly privileged?: boolean;
  /** Whether the kernel has IPv6; yes where absent. */
  readonly inet6?: boolean;
}

/** The family's number, which differs from boot to boot. */
const FAMILY_ID = 35;
const CONTROL_ID = 16;
const CONNECTION_TABLE_SIZE = 4096;

/**
 * A kernel with IPVS and no traffic, for tests of programs that speak to it: netlink requests in, the kernel's answers out,
 * with its rules and errnos, and a table behind that remembers. Open it by its {@link modules}:
 *
 *     const fake = new FakeIpvs();
 *     const client = await openIpvs(fake.modules);
 */
export class FakeIpvs {
  readonly kernel = new FakeKernel((request) => this.#handle(request));
  /** The table behind; a test may count connections and traffic in it. */
  readonly table: LiveTable;
  readonly #options: FakeIpvsOptions;
  #loaded: boolean;

  constructor(options: FakeIpvsOptions = {}) {
    this.#options = options;
    this.#loaded = options.loaded ?? true;
    this.table = new LiveTable({
      environment: options.environment ?? new HostEnvironment(),
      schedulers: findScheduler,
      modules: { now: () => performance.now(), random: Math.random },
    });
  }

  /** What `openIpvs` and `openIpvsEngine` take in the place of the machine. */
  get modules(): IpvsModules {
    return {
      openNetlink: () => new GenericNetlink(new NetlinkConnection(this.kernel.open())),
      loadModule: async (name) => {
        if (name === 'ip_vs' && this.#options.exists !== false) this.#loaded = true;
      },
      isPrivileged: () => this.#options.privileged ?? true,
    };
  }

  #handle(request: FakeRequest): FakeAnswer | undefined {
    try {
      if (request.type === CONTROL_ID) return this.#control(request);
      return request.type === FAMILY_ID && this.#loaded ? this.#answer(request) : { errno: ERRNO.ENOENT };
    } catch (error) {
      if (error instanceof KernelRefusal) return { errno: error.errno };
      if (error instanceof ViprError) return { errno: errnoOf(error) };
      throw error;
    }
  }

  #control({ payload }: FakeRequest): FakeAnswer {
    const name = Buffer.from(attributesOf(payload, 4).get(2) ?? []).toString('latin1');
    if (name !== `${IPVS_FAMILY}\0` || !this.#loaded) return { errno: ERRNO.ENOENT };
    const body = (writer: NetlinkWriter) => {
      writer.header(Uint8Array.of(1, 2, 0, 0));
      writer.string(2, IPVS_FAMILY);
      writer.u16(1, FAMILY_ID);
      writer.u32(3, 1);
      writer.u32(4, 0);
      writer.u32(5, 6);
    };
    return { messages: [{ type: CONTROL_ID, body }] };
  }

  #answer({ payload, dump }: FakeRequest): FakeAnswer {
    const command = payload.end > payload.start ? payload.view.getUint8(payload.start) : 0;
    if (!(this.#options.privileged ?? true)) throw new KernelRefusal('EPERM');
    const top = attributesOf(payload, 4);
    if (dump) return { messages: this.#list(command, top) };
    switch (command) {
      case IPVS_COMMANDS.GET_SERVICE:
        return { messages: [serviceMessage(this.#existing(this.#idOf(top)))] };
      case IPVS_COMMANDS.GET_CONFIG:
        return { messages: [message(12, (writer) => answerTimeouts(writer, this.table.timeouts))] };
      case IPVS_COMMANDS.GET_INFO:
        return { messages: [message(14, (writer) => answerInfo(writer, CONNECTION_TABLE_SIZE))] };
      default:
        this.table.execute(this.#operation(command, top));
        return {};
    }
  }

  #list(command: number, top: Attributes): FakeMessage[] {
    switch (command) {
      case IPVS_COMMANDS.GET_SERVICE:
        return this.table.services().map(serviceMessage);
      case IPVS_COMMANDS.GET_DEST:
        return this.#destinations(top);
      case IPVS_COMMANDS.GET_DAEMON:
        return this.table.daemons.map((daemon) => message(9, (writer) => answerDaemon(writer, daemon)));
      default:
        throw new KernelRefusal('EOPNOTSUPP');
    }
  }

  /** A list cannot say what is wrong with the service: it is empty then. */
  #destinations(top: Attributes): FakeMessage[] {
    try {
      const { destinations } = this.#existing(this.#idOf(top)).snapshot();
      return destinations.map((destination) =>
        message(5, (writer) => answerDestination(writer, destination)),
      );
    } catch (error) {
      if (error instanceof KernelRefusal) return [];
      throw error;
    }
  }

  #operation(command: number, top: Attributes): Operation {
    switch (command) {
      case IPVS_COMMANDS.FLUSH:
        return { kind: 'flush' };
      case IPVS_COMMANDS.SET_CONFIG: {
        const [tcp, tcpfin, udp] = [
          parseTimeout(top, CMD_ATTR.TIMEOUT_TCP),
          parseTimeout(top, CMD_ATTR.TIMEOUT_TCP_FIN),
          parseTimeout(top, CMD_ATTR.TIMEOUT_UDP),
        ];
        return { kind: 'set-timeouts', timeouts: { tcp, tcpfin, udp } };
      }
      case IPVS_COMMANDS.NEW_DAEMON:
        return { kind: 'start-daemon', daemon: parseDaemon(top) };
      case IPVS_COMMANDS.DEL_DAEMON:
        return { kind: 'stop-daemon', role: parseDaemonRole(top) };
      case IPVS_COMMANDS.ZERO:
        return top.has(CMD_ATTR.SERVICE) ? { kind: 'zero', service: this.#idOf(top) } : { kind: 'zero' };
      case IPVS_COMMANDS.NEW_SERVICE:
      case IPVS_COMMANDS.SET_SERVICE:
      case IPVS_COMMANDS.DEL_SERVICE:
        return this.#serviceOperation(command, top);
      case IPVS_COMMANDS.NEW_DEST:
      case IPVS_COMMANDS.SET_DEST:
      case IPVS_COMMANDS.DEL_DEST:
        return this.#destinationOperation(command, top);
      default:
        throw new KernelRefusal('EOPNOTSUPP');
    }
  }

  #serviceOperation(command: number, top: Attributes): Operation {
    const service = this.#idOf(top);
    if (command === IPVS_COMMANDS.DEL_SERVICE) return { kind: 'delete-service', service };
    const before = this.table.find(serviceKey(service));
    const flags = before === undefined ? 0 : serviceFlags(before.snapshot());
    const settings = parseServiceSettings(top, serviceFamily(service), flags);
    return {
      kind: command === IPVS_COMMANDS.NEW_SERVICE ? 'add-service' : 'edit-service',
      service,
      settings,
    };
  }

  /** The service is looked for before the destination is read. */
  #destinationOperation(command: number, top: Attributes): Operation {
    const { id: service } = this.#existing(this.#idOf(top));
    const family = serviceFamily(service);
    const inet6 = this.#inet6;
    if (command === IPVS_COMMANDS.DEL_DEST) {
      return { kind: 'delete-destination', service, destination: parseDestinationId(top, family, inet6) };
    }
    const destination = parseDestination(top, family, inet6);
    const kind = command === IPVS_COMMANDS.NEW_DEST ? 'add-destination' : 'edit-destination';
    return { kind, service, destination };
  }

  get #inet6(): boolean {
    return this.#options.inet6 ?? true;
  }

  #idOf(top: Attributes): ServiceId {
    return parseServiceId(top, this.#inet6);
  }

  #existing(id: ServiceId): LiveService {
    const service = this.table.find(serviceKey(id));
    if (service === undefined) throw new KernelRefusal('ESRCH');
    return service;
  }
}

function serviceMessage(service: LiveService): FakeMessage {
  return message(1, (writer) => answerService(writer, service.snapshot()));
}

function message(command: number, body: (writer: NetlinkWriter) => void): FakeMessage {
  return {
    type: FAMILY_ID,
    body: (writer) => {
      writer.header(Uint8Array.of(command, 1, 0, 0));
      body(writer);
    },
  };
}

function errnoOf({ errno = '' }: ViprError): number {
  return Object.hasOwn(ERRNO, errno) ? ERRNO[errno as Errno] : ERRNO.EINVAL;
}
