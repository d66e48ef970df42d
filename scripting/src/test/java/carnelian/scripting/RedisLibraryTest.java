package carnelian.scripting;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.engine.acl.Acl;
import carnelian.engine.acl.AclCommands;
import carnelian.engine.pubsub.PubSub;
import carnelian.engine.pubsub.PubSubCommands;
import carnelian.engine.tracking.Tracking;
import carnelian.harness.TestClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What scripts reach through `redis`.
class RedisLibraryTest {
  private final ScriptedStore store = new ScriptedStore();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void functions_checkTheirArguments() {
    assertThat(store.eval("return redis.sha1hex('')"))
        .isEqualTo("$40 da39a3ee5e6b4b0d3255bfef95601890afd80709");
    assertThat(store.eval("return redis.sha1hex()"))
        .startsWith("-ERR wrong number of arguments script: ");
    assertThat(store.eval("return redis.log(1)"))
        .startsWith("-ERR redis.log() requires two arguments or more. script: ");
    assertThat(store.eval("return redis.log(10, 'x')"))
        .startsWith("-ERR Invalid debug level. script: ");
    assertThat(store.eval("return redis.log(redis.LOG_DEBUG, 'a', 1)")).isEqualTo("$-1");
    assertThat(store.eval("return redis.setresp(4)"))
        .startsWith("-ERR RESP version must be 2 or 3. script: ");
    assertThat(store.eval("return redis.set_repl(9)"))
        .startsWith("-ERR Invalid replication flags.");
    assertThat(store.eval("return redis.error_reply()"))
        .isEqualTo("-ERR wrong number or type of arguments");
    assertThat(store.eval("return redis.replicate_commands()")).isEqualTo(":1");
    assertThat(store.eval("return redis.breakpoint()")).isEqualTo("$-1");
    assertThat(store.eval("return redis.REDIS_VERSION_NUM")).isEqualTo(":459268");
  }

  @Test
  void numbers_areArgumentsAsRedisWritesThem() {
    store.eval("redis.call('rpush', 'l', 1, 1.5, 1e300, 0.1, 12345678901234567890)");
    assertThat(store.raw("LRANGE", "l", "0", "-1"))
        .isEqualTo(
            "*5 $1 1 $3 1.5 $23 1.0000000000000001e+300 $19 0.10000000000000001"
                + " $22 1.2345678901234567e+19");
  }

  @Test
  void math_random_isRedissOwn() {
    assertThat(store.eval("math.randomseed(0) return tostring(math.random())"))
        .isEqualTo("$16 0.17082803611217");
  }

  @Test
  void whatAScriptReads_isTracked() {
    Tracking tracking = new Tracking(store.store.engine(), 7);
    TestClient cache = store.store.client().resp3();
    try (PubSub pubSub = new PubSub(store.store.engine(), 8)) {
      store.store.and(new PubSubCommands(pubSub).all());
      store.store.and(TrackingOn.commands(store.store.engine(), tracking));
      assertThat(cache.raw("CLIENT", "TRACKING", "ON")).startsWith("+OK");
      assertThat(cache.raw("EVAL", "return redis.call('get', KEYS[1])", "1", "a")).startsWith("_");
      store.run("SET", "a", "1");
      assertThat(cache.rawReplies()).isEqualTo(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n");
    }
    tracking.close();
  }

  @Test
  void whatAUserMayNot_hisScriptsMayNot() throws Exception {
    try (PubSub pubSub = new PubSub(store.store.engine(), 7);
        Acl acl = new Acl(store.store.engine(), pubSub)) {
      store.store.and(new AclCommands(acl).all());
      store.run("ACL", "SETUSER", "ann", "on", "nopass", "+@all", "-incr", "~a*");
      TestClient ann = store.store.client();
      ann.client().authenticate("ann", true);
      assertThat(ann.raw("EVAL", "return redis.call('incr', 'a')", "0"))
          .startsWith("-ERR The user executing the script can't run this command or subcommand");
      assertThat(ann.raw("EVAL", "return redis.call('get', 'b')", "0"))
          .startsWith("-ERR The user executing the script can't access at least one of the keys");
      assertThat(ann.raw("EVAL", "return redis.acl_check_cmd('incr', 'a')", "0")).startsWith("$-1");
      assertThat(ann.raw("EVAL", "return redis.acl_check_cmd('get', 'a')", "0")).startsWith(":1");
      assertThat(store.raw("ACL", "LOG"))
          .contains("$7 context $3 lua $6 object $4 incr")
          .contains("$7 context $3 lua $6 object $1 b");
      ann.close();
    }
  }
}
