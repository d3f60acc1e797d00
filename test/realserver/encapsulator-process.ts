// Run inside a client's namespace: INTERFACE-INDEX OBJECT-FILE CONSTANTS-AS-JSON. Puts packets into tunnels until it is killed.
import { BpfLink } from '../../src/system/bpf/bpf-link.ts';
import { BpfObject } from '../../src/system/bpf/bpf-object.ts';

const [index = '', file = '', constants = ''] = process.argv.slice(2);
const object = BpfObject.open(file, 'encapsulate');
object.setConstants(JSON.parse(constants));
object.load();
const link = BpfLink.createTcx(object.program('encapsulate'), Number(index), 'egress');
console.log(`attached, link ${link.info().id}`);
setInterval(() => {}, 1 << 30);
