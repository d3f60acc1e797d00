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
  vrrp_notify_fifo /run/vrrp
  vrrp_garp_master_delay 1
  lvs_sync_daemon eth1 VI
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
vrrp_script s {
  script "/bin/check 'a b'" nobody
  weight -20 reverse
  fall 3
}
vrrp_track_process p {
  process nginx
}
vrrp_instance VI {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 150
  advert_int 2
  authentication { auth_type PASS
  auth_pass s3cret }
  virtual_ipaddress { 192.0.2.10/24 dev eth1 label eth1:v scope link
    192.0.2.11
  }
  virtual_ipaddress_excluded { 2001:db8::1/64
  }
  virtual_routes { default via 192.0.2.1 table 7
  }
  track_interface { eth1 weight 3
  }
  track_script { s
  }
  track_file { g
  }
  notify "/bin/n 1"
}
vrrp_instance V6 {
  interface eth0
  virtual_router_id 51
  nopreempt
  garp_master_refresh 60
  virtual_ipaddress { fe80::1
  }
  track_process { p weight -5
  }
}
vrrp_sync_group G {
  group { VI
  V6 }
  notify_master /bin/m
}
include other.conf
`;

/** What it includes, and a file that includes itself. */
export const FILES = {
  '/etc/keepalived/other.conf': 'static_routes {\n}\n',
  '/etc/keepalived/self.conf': 'include self.conf\n',
};
