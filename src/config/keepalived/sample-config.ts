// biome-ignore-all lint/suspicious/noTemplateCurlyInString: definitions of a keepalived.conf look like placeholders.
/** A keepalived.conf for tests, with most of what it can hold. */
export const SAMPLE = `! Configuration File for keepalived
$VIP=192.0.2.10
$RS= \\
  real_server 10.0.0.\${N} 80 { \\
    weight 1 \\
  }
global_defs {
  router_id LVS
  script_user nobody
  lvs_timeouts tcp 900 tcpfin 60
  lvs_notify_fifo /run/fifo
  lvs_notify_fifo_script "/bin/reader 'a b'" nobody
}
track_file g {
  file /run/g
}
virtual_server_group G {
  192.0.2.1-3 80   # a range
  192.0.2.8/30 81
  fwmark 5
}
virtual_server $VIP 80 {
  delay_loop 6
  lb_algo sh
  lvs_method NAT
  sh-port
  protocol TCP
  persistence_timeout 50
  quorum 2
  quorum_up "/bin/up \\"q\\"" nobody
  sorry_server 10.0.0.99 80
@main alpha
  real_server 10.0.0.1 80 {
    weight 2
    notify_up "/bin/n up"
    HTTP_GET {
      url {
        path /a
        status_code 200-299 404
        regex "o[k!]"
      }
      connect_timeout 3
    }
    FILE_CHECK { track_file g
    }
  }
  ~SEQ(N, 2, 3) $RS
}
virtual_server group G {
  protocol TCP
  lvs_method DR
  persistence_timeout
  real_server 10.0.0.1 {
    SMTP_CHECK {
      host {
        connect_ip 10.0.0.5
      }
    }
    UDP_CHECK { payload 00 ff
      require_reply }
    MISC_CHECK {
      misc_path "/bin/c a"
      misc_dynamic
    }
  }
}
vrrp_instance VI { virtual_ipaddress { 192.0.2.10
} }
include other.conf
`;

/** What it includes, and a file that includes itself. */
export const FILES = {
  '/etc/keepalived/other.conf': 'static_routes {\n}\n',
  '/etc/keepalived/self.conf': 'include self.conf\n',
};
