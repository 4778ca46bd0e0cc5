// Preloaded by child.mjs: ends this program, as SIGTERM would, when the one that started it is gone. Processes that the
// program forks are not tethered in turn: their channel is the program's own.
const at = process.execArgv.indexOf(import.meta.url);
if (at > 0) process.execArgv.splice(at - 1, 2);
if (process.channel) {
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
