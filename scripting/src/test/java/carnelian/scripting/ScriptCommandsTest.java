package carnelian.scripting;

import static carnelian.scripting.ScriptedStore.check;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.engine.Client;
import carnelian.engine.ReplicationGuard;
import carnelian.engine.ReplyError;
import carnelian.engine.WriteGuard;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// EVAL and its kin, and the cache of scripts.
class ScriptCommandsTest {
  @Test
  void keysAndArguments_standInTheirTables() {
    check(
        """
        EVAL "return {KEYS[1],KEYS[2],ARGV[1],#KEYS,#ARGV}" 2 a b c   -> [a b c 2 1]
        EVAL "return ARGV[2]" 0 a                                     -> nil
        EVAL "return KEYS" 0                                          -> []
        EVAL "return 1" -1                                            -> -ERR Number of keys can't be negative
        EVAL "return 1" 1                                             -> -ERR Number of keys can't be greater than number of args
        EVAL "return 1" x                                             -> -ERR value is not an integer or out of range
        """);
  }

  @Test
  void scriptThatHasWritten_goesOnWriting_whateverRefusesWritesMeanwhile() {
    try (ScriptedStore store = new ScriptedStore()) {
      int[] asked = {0};
      store
          .store
          .engine()
          .writeGuard(_ -> asked[0]++ == 0 ? null : ReplyError.err("no more writes"));
      String script = "redis.call('set','k',1) return redis.call('incr','k')";
      assertThat(store.raw("EVAL", script, "1", "k")).isEqualTo(":2");
      assertThat(store.raw("EVAL", script, "1", "k")).startsWith("-ERR no more writes");
      store.store.engine().writeGuard(WriteGuard.OPEN);
    }
  }

  /// A replica that has lost its primary and does not serve what it has.
  private static final class Stale implements ReplicationGuard {
    @Override
    public @Nullable ReplyError writes(Client client) {
      return null;
    }

    @Override
    public @Nullable ReplyError stale() {
      return ReplyError.MASTER_DOWN;
    }
  }

  private static String digest(ScriptedStore store, String script) {
    return store.raw("SCRIPT", "LOAD", script).split(" ", -1)[1];
  }

  @Test
  void onStaleData_scriptsRunThatAllowIt_andCommandsThatMay() {
    try (ScriptedStore store = new ScriptedStore()) {
      assertThat(store.run("SET", "x", "1")).isEqualTo("OK");
      String allowed = "#!lua flags=no-writes,allow-stale\n";
      String known = digest(store, allowed + "return redis.call('get','x')");
      String strict = digest(store, "#!lua flags=no-writes\nreturn 1");
      store.store.engine().replicationGuard(new Stale());

      String down = "-" + ReplyError.MASTER_DOWN.text();
      assertThat(store.eval("return 1")).isEqualTo(down);
      assertThat(store.eval("#!lua flags=no-writes\nreturn 1")).isEqualTo(down);
      assertThat(store.raw("EVALSHA", strict, "0")).isEqualTo(down);
      assertThat(store.eval(allowed + "return 1")).isEqualTo(":1");
      assertThat(store.eval(allowed + "return redis.call('get','x')"))
          .startsWith("-ERR Can not execute the command on a stale replica script: ");
      assertThat(store.raw("EVALSHA", known, "0"))
          .startsWith("-ERR Can not execute the command on a stale replica script: ");

      store.store.engine().replicationGuard(ReplicationGuard.OPEN);
      assertThat(store.eval("return redis.call('get','x')")).isEqualTo("$1 1");
    }
  }

  @Test
  void values_becomeReplies() {
    check(
        """
        EVAL "return 3.99" 0                              -> 3
        EVAL "return -3.99" 0                             -> -3
        EVAL "return '3.99'" 0                            -> "3.99"
        EVAL "return true" 0                              -> 1
        EVAL "return false" 0                             -> nil
        EVAL "return nil" 0                               -> nil
        EVAL "return {1,{2,'x'},nil,4}" 0                 -> [1 [2 x]]
        EVAL "return {ok='fine'}" 0                       -> +fine
        EVAL "return {err='OOPS no'}" 0                   -> -OOPS no
        EVAL "return redis.status_reply('a b')" 0         -> +a b
        EVAL "return redis.error_reply('MY ERR')" 0       -> -MY ERR
        EVAL "return {double=1.5}" 0                      -> "1.5"
        3> EVAL "return {double=1.5}" 0                   -> ,1.5
        3> EVAL "redis.setresp(3); return true" 0         -> #t
        3> EVAL "return {map={a=1}}" 0                    -> {a: 1}
        """);
  }

  @Test
  void replies_becomeValues() {
    check(
        """
        SET s v                                                            -> +OK
        RPUSH l a b                                                        -> 2
        HSET h f v                                                         -> 1
        EVAL "return type(redis.call('get','none'))" 0                     -> boolean
        EVAL "return redis.call('get','s')" 0                              -> v
        EVAL "return redis.call('lrange','l',0,-1)" 0                      -> [a b]
        EVAL "return redis.call('set','s','w').ok" 0                       -> OK     >> set s w
        EVAL "return redis.pcall('lpush','s',1).err" 0                     -> "WRONGTYPE Operation against a key holding the wrong kind of value"
        EVAL "redis.setresp(3); return redis.call('hgetall','h').map.f" 0  -> v
        EVAL "redis.setresp(3); return type(redis.call('get','none'))" 0   -> "nil"
        """);
  }

  @Test
  void errors_nameTheScriptAndTheLine() {
    check(
        """
        SET s v                             -> +OK
        EVAL "redis.call('lpush','s',1)" 0  -> -WRONGTYPE Operation against a key holding the wrong kind of value script: 53f8e5007acc21b6174389bd9e50ead0e0c1364d, on @user_script:1.
        """);
  }

  @Test
  void whatAScriptDoes_isOneUnit() {
    check(
        """
        EVAL "redis.call('set','a',1) redis.call('incr','a') return 5" 0    -> 5    >> MULTI; set a 1; incr a; EXEC
        EVAL "return redis.call('incr','a')" 0                              -> 3    >> incr a
        EVAL "redis.set_repl(redis.REPL_NONE) redis.call('set','c',1)" 0    -> nil  >> nothing
        EVAL "redis.call('set','d',1) error('no')" 0                        -> *    >> set d 1
        EVAL "return redis.call('get','a')" 0                               -> "3"
        """);
  }

  @Test
  void evalRo_refusesToWrite() {
    check(
        """
        EVAL_RO "return redis.call('get',KEYS[1])" 1 a  -> nil
        EVAL_RO "return redis.call('set',KEYS[1],1)" 1 a  -> *
        EXISTS a  -> 0
        """);
  }

  @Test
  void flags_limitWhatAScriptMay() {
    try (ScriptedStore store = new ScriptedStore()) {
      assertThat(store.eval("#!lua flags=no-writes\nredis.call('set','a',1)"))
          .startsWith("-ERR Write commands are not allowed from read-only scripts. script: ");
      assertThat(store.eval("#!lua flags=\nreturn redis.call('set','a',1)")).isEqualTo("+OK");
      assertThat(store.eval("#!lua flags=nonsense\nreturn 1"))
          .isEqualTo("-ERR Unexpected flag in script shebang: nonsense");
      assertThat(store.eval("#!lua name=x\nreturn 1"))
          .isEqualTo("-ERR Unknown lua shebang option: name=x");
      assertThat(store.eval("#!ruby\nreturn 1"))
          .isEqualTo("-ERR Unexpected engine in script shebang: #!ruby");
    }
  }

  @Test
  void scripts_areKeptByDigest() {
    check(
        """
        EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0   -> -NOSCRIPT No matching script. Please use EVAL.
        SCRIPT LOAD "return 1"                               -> e0e1f9fabfc9d4800c877a703b823ac0578ff8db
        EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0   -> 1
        EVALSHA E0E1F9FABFC9D4800C877A703B823AC0578FF8DB 0   -> 1
        EVALSHA_RO e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0  -> 1
        EVALSHA short 0                                      -> -NOSCRIPT No matching script. Please use EVAL.
        EVAL "return 2" 0                                    -> 2
        SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db 7f923f79fe76194c868d7e1d0820de36700eb649 x  -> [1 1 0]
        SCRIPT LOAD "return"                                 -> *
        SCRIPT LOAD "retrun"                                 -> *
        SCRIPT FLUSH                                         -> +OK
        SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db  -> [0]
        SCRIPT FLUSH NOW                                     -> -ERR SCRIPT FLUSH only support SYNC|ASYNC option
        SCRIPT KILL                                          -> -NOTBUSY No scripts in execution right now.
        SCRIPT DEBUG NO                                      -> +OK
        """);
  }

  @Test
  void blockingCommands_answerAsAfterTheirTimeOut() {
    check(
        """
        EVAL "return redis.call('blpop','l',0)" 0  -> nil
        EVAL "redis.call('rpush','l','a') return redis.call('blpop','l',0)" 0  -> [l a]  >> MULTI; rpush l a; LPOP l; EXEC
        b> BLPOP l 0                                    -> blocked
        EVAL "redis.call('rpush','l',1) redis.call('rpush','l',2)" 0  -> nil  >> MULTI; rpush l 1; rpush l 2; EXEC; LPOP l
        b>                                              -> [l "1"]
        """);
  }

  @Test
  void transactions_holdScripts() {
    check(
        """
        MULTI                                             -> +OK
        EVAL "return redis.call('incr','a')" 0            -> +QUEUED
        EVAL "return {err='NO way'}" 0                    -> +QUEUED
        INCR a                                            -> +QUEUED
        EXEC                                              -> [1 -NO way 2]   >> MULTI; incr a; INCR a; EXEC
        """);
  }

  @Test
  void time_standsStillInAScript() {
    try (ScriptedStore store = new ScriptedStore()) {
      store.run("SET", "a", "1", "PX", "5");
      assertThat(store.eval("return redis.call('pttl','a')")).isEqualTo(":5");
      store.store.advance(6);
      assertThat(store.eval("return redis.call('get','a')")).isEqualTo("$-1");
    }
  }

  @Test
  void commandsThatScriptsMayNotRun_areRefused() {
    try (ScriptedStore store = new ScriptedStore()) {
      assertThat(store.eval("return redis.call('multi')"))
          .startsWith("-ERR This Redis command is not allowed from script script: ");
      assertThat(store.eval("return redis.call('none')"))
          .startsWith("-ERR Unknown Redis command called from script script: ");
      assertThat(store.eval("return redis.call('get')"))
          .startsWith("-ERR Wrong number of args calling Redis command from script script: ");
      assertThat(store.eval("return redis.call()"))
          .startsWith("-ERR Please specify at least one argument for this redis lib call script: ");
      assertThat(store.eval("return redis.call('get', {})"))
          .startsWith("-ERR Lua redis lib command arguments must be strings or integers script: ");
    }
  }
}
