/** Namespaces of the YANG modules that a device implements, and their capability URIs (RFC 6020 §5.6.4). */
export const INTERFACES_NS = 'urn:ietf:params:xml:ns:yang:ietf-interfaces';
export const IP_NS = 'urn:ietf:params:xml:ns:yang:ietf-ip';
export const IF_TYPE_NS = 'urn:ietf:params:xml:ns:yang:iana-if-type';
export const SDWAN_NS = 'urn:wayleave:sdwan';

/** For the hello of a device. */
export const MODULES: readonly string[] = [
  `${INTERFACES_NS}?module=ietf-interfaces&revision=2014-05-08`,
  `${IP_NS}?module=ietf-ip&revision=2014-06-16`,
  `${IF_TYPE_NS}?module=iana-if-type&revision=2014-05-08`,
  `${SDWAN_NS}?module=wayleave-sdwan&revision=2026-11-21`,
];
