/** Namespaces of the YANG modules that a device implements. */
export const INTERFACES_NS = 'urn:ietf:params:xml:ns:yang:ietf-interfaces';
export const IP_NS = 'urn:ietf:params:xml:ns:yang:ietf-ip';
export const IF_TYPE_NS = 'urn:ietf:params:xml:ns:yang:iana-if-type';
export const SDWAN_NS = 'urn:wayleave:sdwan';
