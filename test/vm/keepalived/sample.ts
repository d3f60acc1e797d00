import { SERVERS } from '../traffic/network.ts';

/** Where the sorry server answers HTTP: on the first server, at a port that no other service uses. */
export const SORRY = '10.2.0.11:8080';

/**
 * A keepalived.conf with every feature that shows in IPVS's table: methods, schedulers and their flags, persistence, weights, thresholds,
 * firewall marks, both families, groups, quorums with and without a sorry server, inhibition, and what starts without its servers.
 * A server is alive where nginx answers on port 80, and for what asks the script where its file in /tmp is there.
 */
export const SAMPLE = `! what is common
global_defs {
    router_id compared
    script_user root
    enable_script_security
    lvs_timeouts tcp 1200 tcpfin 30 udp 200
}
$DELAY=2

virtual_server_group web {
    192.0.2.21 80
    192.0.2.22-24 80
}

virtual_server 192.0.2.10 80 {
    delay_loop $DELAY
    lvs_sched wrr
    lvs_method NAT
    protocol TCP
    quorum 3
    hysteresis 1
    sorry_server ${SORRY.replace(':', ' ')}
${servers((index) => `    weight ${index}`, 'TCP_CHECK { connect_timeout 2 }')}
}

virtual_server 192.0.2.11 80 {
    delay_loop \${DELAY}
    lb_algo wlc
    lb_kind DR
    persistence_timeout 600
    persistence_granularity 255.255.255.0
    protocol TCP
    inhibit_on_failure
    retry 1
    delay_before_retry 1
${servers((index) => `    weight ${10 * index}\n    uthreshold ${100 * index}\n    lthreshold ${index}`, 'HTTP_GET { url { path /\n status_code 200 }\n connect_timeout 2 }')}
}

virtual_server 192.0.2.12 0 {
    delay_loop 2
    lvs_sched sh
    sh-port
    sh-fallback
    lvs_method TUN
    persistence_timeout 50
    protocol TCP
${servers((index) => (index === 2 ? '    lvs_method TUN type gue port 6080 nocsum' : ''), 'TCP_CHECK { connect_timeout 2\n connect_port 80 }', 0)}
}

virtual_server fwmark 7 {
    delay_loop 2
    lvs_sched mh
    mh-port
    lvs_method DR
    protocol TCP
    alpha
${servers(() => '', 'TCP_CHECK { connect_timeout 2\n connect_port 80 }', 0)}
}

virtual_server 192.0.2.13 53 {
    delay_loop 2
    lvs_sched rr
    ops
    lvs_method NAT
    protocol UDP
    sorry_server 10.2.0.12 8053
    sorry_server_inhibit
    quorum 2
${servers(() => '', 'MISC_CHECK { misc_path "/usr/bin/test -e /tmp/alive"\n misc_timeout 5 }', 53)}
}

virtual_server 2001:db8::14 80 {
    delay_loop 2
    lvs_sched lc
    lvs_method NAT
    protocol TCP
${SERVERS.map((_, index) => `    real_server fd02::${11 + index} 80 {\n        TCP_CHECK { connect_timeout 2 }\n    }`).join('\n')}
}

virtual_server group web {
    delay_loop 2
    lvs_sched sed
    lvs_method NAT
    protocol TCP
${servers((index) => `    weight ${index}`, 'TCP_CHECK { connect_timeout 2 }')}
}
`;

function servers(settings: (index: number) => string, check: string, port = 80): string {
  return SERVERS.map((_, index) => {
    return `    real_server 10.2.0.${11 + index} ${port} {\n${settings(index + 1)}\n        ${check}\n    }`;
  }).join('\n');
}

/** The same after an operator's edits: a service goes and one comes, a server goes, weights and a scheduler change. */
export const CHANGED_SAMPLE = `${SAMPLE.replace(/virtual_server fwmark 7 \{[\s\S]*?\n\}\n/, '')
  .replace('lvs_sched lc', 'lvs_sched wlc')
  .replaceAll('    weight 3\n', '    weight 5\n')
  .replace(/ {4}real_server fd02::13 80 \{[^}]*\}\n {4}\}\n/, '')}
virtual_server 192.0.2.30 80 {
    delay_loop 2
    lvs_sched rr
    lvs_method NAT
    protocol TCP
${servers(() => '', 'TCP_CHECK { connect_timeout 2 }')}
}
`;
