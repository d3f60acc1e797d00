/** What programs import, by file in src/ without its ending: `vipr`, `vipr/ipvs` and `vipr/netlink`. */
export const DOORS = ['index', 'ipvs-library', 'netlink-library'];
