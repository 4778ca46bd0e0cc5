// Jest's Node environment in a plain context: Jest's own answers every access to a global by an interceptor and a proxy, which
// costs code that reads `Math`, `Buffer` or `Object` in a loop (the slowest spec ran 39 % shorter, others as long as before).
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

const { createContext } = vm;

export default class PlainContext extends TestEnvironment {
  constructor(config, context) {
    vm.createContext = (_, options) => createContext(vm.constants.DONT_CONTEXTIFY, options);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
  }
}
