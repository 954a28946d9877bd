/** The scenarios of the public conformance suite for servers: those that are tried, and the reason for each that is not. */

export const APPLICABLE: readonly string[] = ['server-initialize', 'ping', 'tools-list', 'dns-rebinding-protection'];

const FIXTURE = "asks for a fixture tool of the suite's own; a domain's server has only tools of the network";

export const NOT_APPLICABLE: Readonly<Record<string, string>> = {
  'logging-set-level': 'the servers offer no logging; people read the audit log',
  'completion-complete': 'the servers offer no completions',
  'tools-call-simple-text': FIXTURE,
  'tools-call-error': FIXTURE,
  'tools-call-image': FIXTURE,
  'tools-call-audio': FIXTURE,
  'tools-call-embedded-resource': FIXTURE,
  'tools-call-mixed-content': FIXTURE,
  'tools-call-with-logging': FIXTURE,
  'tools-call-with-progress': FIXTURE,
  'tools-call-sampling': 'the broker never asks a language model of its client',
  'tools-call-elicitation': 'approvals go to the broker by a login of their own, never through the client that asked',
  'json-schema-2020-12': FIXTURE,
  'elicitation-sep1034-defaults': 'no elicitation',
  'elicitation-sep1330-enums': 'no elicitation',
  'server-sse-polling': 'answers are JSON, without a stream',
  'server-sse-multiple-streams': 'answers are JSON, without a stream',
  'resources-list': 'the servers offer no resources',
  'resources-read-text': 'the servers offer no resources',
  'resources-read-binary': 'the servers offer no resources',
  'resources-templates-read': 'the servers offer no resources',
  'resources-subscribe': 'the servers offer no resources',
  'resources-unsubscribe': 'the servers offer no resources',
  'prompts-list': 'the servers offer no prompts',
  'prompts-get-simple': 'the servers offer no prompts',
  'prompts-get-with-args': 'the servers offer no prompts',
  'prompts-get-embedded-resource': 'the servers offer no prompts',
  'prompts-get-with-image': 'the servers offer no prompts',
};
