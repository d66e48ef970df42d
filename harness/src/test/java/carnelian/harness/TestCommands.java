package carnelian.harness;

import static carnelian.command.CommandFlag.BLOCKING;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.MAY_REPLICATE;
import static carnelian.command.CommandFlag.NO_AUTH;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.KeyFlag.RW;

import carnelian.command.CommandFlag;
import carnelian.command.Declaration;
import carnelian.command.Group;
import carnelian.command.KeySpec;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.Command;
import carnelian.engine.Handler;
import carnelian.engine.ReplyError;
import carnelian.engine.ReplyMode;
import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.Type;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.structures.Element;
import java.util.List;

/// Just enough commands to see what the engine makes of them: the first ones after Redis's, the
/// rest for what only a test wants to do.
final class TestCommands {
  private final TestStore store;
  private final Element value = new Element();

  TestCommands(TestStore store) {
    this.store = store;
  }

  private static Command command(
      String name, int arity, Handler handler, CommandFlag flag, CommandFlag... more) {
    return Command.command(declare(name, arity).flags(flag, more), handler);
  }

  private static Command keyed(
      String name, int arity, Handler handler, CommandFlag flag, CommandFlag... more) {
    Declaration.Builder declaration = declare(name, arity).flags(flag, more);
    return Command.command(declaration.keys(KeySpec.first(RW)), handler);
  }

  private static Declaration.Builder declare(String name, int arity) {
    return Declaration.declare(name)
        .group(Group.GENERIC)
        .since("1.0.0")
        .summary("For the engine's tests.")
        .arity(arity);
  }

  List<Command> all() {
    Command box =
        Command.container(
            declare("BOX", -2), List.of(command("BOX|PEEK", 3, this::peek, READONLY)));
    return List.of(
        box,
        keyed("SET", 3, this::set, WRITE, DENYOOM),
        keyed("GET", 2, this::get, READONLY, FAST),
        keyed("DEL", -2, this::del, WRITE),
        keyed("GETDEL", 2, this::getdel, WRITE, FAST),
        keyed("PEXPIREAT", 3, this::pexpireat, WRITE, FAST),
        command("SELECT", 2, this::select, LOADING, FAST),
        command("FLUSHDB", 1, this::flushdb, WRITE),
        command("SWAPDB", 3, this::swapdb, WRITE),
        command("PING", 1, call -> call.reply().pong(), FAST),
        command("LOGIN", 1, this::login, NO_AUTH),
        command("SKIP", 1, this::skip, FAST),
        command("LEAVE", 1, this::leave, FAST),
        command("STALL", 2, this::stall, READONLY),
        command("DOZE", 2, this::stall, FAST),
        command("FAIL", 2, this::fail, WRITE),
        keyed("SPLIT", 3, this::split, WRITE),
        keyed("SECRET", 2, this::secret, WRITE),
        command("SHOUT", 2, this::shout, MAY_REPLICATE),
        keyed("TAKE", -3, this::take, WRITE, BLOCKING),
        keyed("PASS", 4, this::pass, WRITE, BLOCKING));
  }

  // ---- Values ----------------------------------------------------------------------------------

  private static void put(Call call, Slice key, Slice text) {
    call.keyspace().strings().set(call.db(), key, text);
    call.changed(key, KeyEvent.SET);
  }

  private boolean load(Call call, Slice key) {
    long entry = call.db().read(key, Type.STRING);
    if (entry == 0) {
      return false;
    }
    call.keyspace().strings().get(entry, value);
    return true;
  }

  private void replyValue(Call call) {
    if (value.isInteger()) {
      call.reply().bulkInteger(value.integer());
    } else {
      call.reply().bulk(value.at(), value.length());
    }
  }

  // ---- As in Redis -----------------------------------------------------------------------------

  private void set(Call call) {
    put(call, call.arg(1), call.arg(2));
    call.reply().ok();
  }

  private void get(Call call) {
    if (load(call, call.arg(1))) {
      replyValue(call);
    } else {
      call.reply().nil();
    }
  }

  private void del(Call call) {
    int deleted = 0;
    for (int i = 1; i < call.argc(); i++) {
      deleted += call.db().delete(call.arg(i)) ? 1 : 0;
    }
    call.reply().integer(deleted);
  }

  private void getdel(Call call) {
    if (!load(call, call.arg(1))) {
      call.reply().nil();
      return;
    }
    replyValue(call);
    call.db().delete(call.arg(1));
    call.replicateAs("DEL").arg(call.arg(1));
  }

  private void pexpireat(Call call) {
    long deadline = call.integer(2);
    long entry = call.db().write(call.arg(1));
    if (entry == 0) {
      call.reply().integer(0);
      return;
    }
    call.db().expireAt(entry, deadline);
    call.changed(call.arg(1), KeyEvent.EXPIRE);
    call.reply().integer(1);
  }

  private void select(Call call) {
    call.client().select(call.keyspace().database((int) call.integer(1)));
    call.reply().ok();
  }

  private void flushdb(Call call) {
    call.keyspace().flush(call.db());
    call.reply().ok();
  }

  private void swapdb(Call call) {
    Database first = call.keyspace().database((int) call.integer(1));
    Database second = call.keyspace().database((int) call.integer(2));
    call.keyspace().swap(first, second);
    call.reply().ok();
  }

  // ---- As no other -----------------------------------------------------------------------------

  private void peek(Call call) {
    call.reply().bulk("peeked " + call.arg(2));
  }

  private void login(Call call) {
    call.client().authenticate(Client.DEFAULT_USER, false);
    call.reply().ok();
  }

  private void skip(Call call) {
    call.client().replyMode(ReplyMode.SKIP_NEXT);
  }

  private void leave(Call call) {
    call.reply().ok();
    call.client().closeAfterReply();
  }

  /// Lets time pass inside a command.
  private void stall(Call call) {
    store.freeze(call.integer(1));
    call.reply().ok();
  }

  /// Fails after half a reply.
  private void fail(Call call) {
    call.reply().array(2);
    call.reply().bulk("half");
    throw call.is(1, "type") ? ReplyError.WRONG_TYPE : ReplyError.SYNTAX;
  }

  /// Writes two keys and says so in two commands.
  private void split(Call call) {
    byte[] text = {'2', '.', '5'};
    try (NativeBuffer scratch = new NativeBuffer(8)) {
      scratch.put(text);
      put(call, call.arg(1), scratch.slice(new Slice()).set(scratch.address(), 1));
      put(call, call.arg(2), scratch.slice(new Slice()));
    }
    call.replicateAs("SET").arg(call.arg(1)).arg(1);
    call.replicateAs("SET").arg(call.arg(2)).number(2.5);
    call.reply().ok();
  }

  private void secret(Call call) {
    put(call, call.arg(1), call.arg(0));
    call.replicateNothing();
    call.reply().ok();
  }

  private void shout(Call call) {
    call.replicate();
    call.reply().ok();
  }

  /// `TAKE key [key ...] timeout`: as BLPOP, for strings.
  private void take(Call call) {
    int last = call.argc() - 2;
    long timeout = call.timeoutMillis(call.argc() - 1);
    for (int i = 1; i <= last; i++) {
      if (load(call, call.arg(i))) {
        call.reply().array(2);
        call.reply().bulk(call.arg(i));
        replyValue(call);
        call.db().delete(call.arg(i));
        call.replicateAs("DEL").arg(call.arg(i));
        return;
      }
    }
    call.blockOnKeys(1, last, Type.STRING, timeout);
  }

  /// `PASS from to timeout`: as BLMOVE, for strings.
  private void pass(Call call) {
    long timeout = call.timeoutMillis(3);
    if (!load(call, call.arg(1))) {
      call.blockOnKeys(1, 1, Type.STRING, timeout);
      return;
    }
    replyValue(call);
    byte[] bytes = value.toBytes();
    call.db().delete(call.arg(1));
    try (NativeBuffer scratch = new NativeBuffer(8)) {
      scratch.put(bytes);
      put(call, call.arg(2), scratch.slice(new Slice()));
    }
  }
}
