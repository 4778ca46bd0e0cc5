/**
 * The scenarios of github.com/cloudevents/conformance, `features/kafka-protocol-binding.feature` (Apache-2.0), at commit
 * 7a8ee0ac0e782bba1ba30e58c62d24d2e6c337e5; the rules are those of cloudevents/spec, `kafka-protocol-binding.md` 1.0.
 */
export const BINARY = {
  payload: '{"message": "Hello World!"}',
  headers: new Map([
    ['ce_specversion', '1.0'],
    ['ce_id', '1234-1234-1234'],
    ['ce_type', 'com.example.someevent'],
    ['ce_source', '/mycontext/subcontext'],
    ['ce_time', '2018-04-05T03:56:24Z'],
    ['content-type', 'application/json'],
  ]),
  attributes: { id: '1234-1234-1234', type: 'com.example.someevent' },
  data: '{"message": "Hello World!"}',
} as const;

export const STRUCTURED = {
  payload: `{
    "specversion": "1.0",
    "type": "com.example.someevent",
    "time": "2018-04-05T03:56:24Z",
    "id": "1234-1234-1234",
    "source": "/mycontext/subcontext",
    "datacontenttype": "application/json",
    "data": {
        "message": "Hello World!"
    }
}`,
  contentTypes: ['application/cloudevents+json', 'application/cloudevents+json; charset=utf-8'],
} as const;
