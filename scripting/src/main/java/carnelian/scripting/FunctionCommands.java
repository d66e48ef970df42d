package carnelian.scripting;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.ALLOW_BUSY;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.MAY_REPLICATE;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.NO_MANDATORY_KEYS;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.SKIP_MONITOR;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.counted;
import static carnelian.command.ReplyShape.any;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.map;
import static carnelian.command.ReplyShape.ok;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT_ORDER;
import static carnelian.command.Tip.REQUEST_ALL_SHARDS;
import static carnelian.command.Tip.RESPONSE_ALL_SUCCEEDED;
import static carnelian.command.Tip.RESPONSE_ONE_SUCCEEDED;
import static carnelian.command.Tip.RESPONSE_SPECIAL;
import static carnelian.engine.Command.command;
import static carnelian.engine.Command.container;
import static carnelian.engine.Command.turning;

import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.engine.introspection.Help;
import carnelian.memory.CopyLimitException;
import carnelian.memory.Glob;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The commands of function libraries.
final class FunctionCommands {
  private static final int FIRST_KEY = 3;

  private final Functions functions;
  private final LuaRuntime runtime;
  private final RunningScript running;
  private final FunctionPayloads payloads;

  FunctionCommands(
      Functions functions, LuaRuntime runtime, RunningScript running, FunctionPayloads payloads) {
    this.functions = functions;
    this.runtime = runtime;
    this.running = running;
    this.payloads = payloads;
  }

  /// FCALL — Calls a function.
  private Command fcall() {
    return turning(
        declare("FCALL")
            .group(Group.SCRIPTING)
            .since("7.0.0")
            .complexity("Depends on the function that is executed")
            .summary("Calls a function.")
            .arity(-3)
            .flags(NOSCRIPT, STALE, SKIP_MONITOR, MAY_REPLICATE, NO_MANDATORY_KEYS)
            .keys(counted(2, RW, ACCESS, UPDATE).notes("A script may do anything with its keys."))
            .args(
                string("function"),
                integer("numkeys"),
                key("key").multiple().optional(),
                string("arg").multiple().optional())
            .replies(any()),
        this::flags,
        call -> call(call, false));
  }

  /// FCALL_RO — Calls a function that may not write.
  private Command fcallRo() {
    return turning(
        declare("FCALL_RO")
            .group(Group.SCRIPTING)
            .since("7.0.0")
            .complexity("Depends on the function that is executed")
            .summary("Calls a function that may not write.")
            .arity(-3)
            .flags(READONLY, NOSCRIPT, STALE, SKIP_MONITOR, NO_MANDATORY_KEYS)
            .keys(counted(2, RO, ACCESS).notes("A script may do anything with its keys."))
            .args(
                string("function"),
                integer("numkeys"),
                key("key").multiple().optional(),
                string("arg").multiple().optional())
            .replies(any()),
        this::flags,
        call -> call(call, true));
  }

  /// FUNCTION DELETE — Deletes a library and its functions.
  private Command functionDelete() {
    return command(
        declare("FUNCTION|DELETE")
            .group(Group.SCRIPTING)
            .since("7.0.0")
            .complexity("O(1)")
            .summary("Deletes a library and its functions.")
            .arity(3)
            .flags(WRITE, NOSCRIPT)
            .args(string("library-name"))
            .replies(ok())
            .tips(REQUEST_ALL_SHARDS, RESPONSE_ALL_SUCCEEDED),
        this::delete);
  }

  /// FUNCTION DUMP — Serializes all libraries.
  private Command functionDump() {
    return command(
        declare("FUNCTION|DUMP")
            .group(Group.SCRIPTING)
            .since("7.0.0")
            .complexity("O(N), N = functions")
            .summary("Serializes all libraries.")
            .arity(2)
            .flags(NOSCRIPT)
            .replies(bulk()),
        this::dump);
  }

  /// FUNCTION FLUSH — Deletes all libraries.
  private Command functionFlush() {
    return command(
        declare("FUNCTION|FLUSH")
            .group(Group.SCRIPTING)
            .since("7.0.0")
            .complexity("O(N), N = functions deleted")
            .summary("Deletes all libraries.")
            .arity(-2)
            .flags(WRITE, NOSCRIPT)
            .args(oneOf("flush-type", pureToken("ASYNC"), pureToken("SYNC")).optional())
            .replies(ok())
            .tips(REQUEST_ALL_SHARDS, RESPONSE_ALL_SUCCEEDED),
        this::flush);
  }

  /// FUNCTION HELP — Lists the subcommands.
  private Command functionHelp() {
    return command(
        declare("FUNCTION|HELP")
            .group(Group.SCRIPTING)
            .since("7.0.0")
            .complexity("O(1)")
            .summary("Lists the subcommands.")
            .arity(2)
            .flags(LOADING, STALE)
            .replies(array()),
        Help::help);
  }

  /// FUNCTION KILL — Stops the function that is running.
  private Command functionKill() {
    return command(
        declare("FUNCTION|KILL")
            .group(Group.SCRIPTING)
            .since("7.0.0")
            .complexity("O(1)")
            .summary("Stops the function that is running.")
            .arity(2)
            .flags(NOSCRIPT, ALLOW_BUSY)
            .replies(ok())
            .tips(REQUEST_ALL_SHARDS, RESPONSE_ONE_SUCCEEDED),
        this::kill);
  }

  /// FUNCTION LIST — Describes the libraries.
  private Command functionList() {
    return command(
        declare("FUNCTION|LIST")
            .group(Group.SCRIPTING)
            .since("7.0.0")
            .complexity("O(N), N = functions")
            .summary("Describes the libraries.")
            .arity(-2)
            .flags(NOSCRIPT)
            .args(
                string("library-name-pattern").token("LIBRARYNAME").optional(),
                pureToken("WITHCODE").optional())
            .replies(array())
            .tips(NONDETERMINISTIC_OUTPUT_ORDER),
        this::list);
  }

  /// FUNCTION LOAD — Creates a library.
  private Command functionLoad() {
    return command(
        declare("FUNCTION|LOAD")
            .group(Group.SCRIPTING)
            .since("7.0.0")
            .complexity("O(1), apart from compiling")
            .summary("Creates a library.")
            .arity(-3)
            .flags(WRITE, DENYOOM, NOSCRIPT)
            .args(pureToken("REPLACE").optional(), string("function-code"))
            .replies(bulk())
            .tips(REQUEST_ALL_SHARDS, RESPONSE_ALL_SUCCEEDED),
        this::load);
  }

  /// FUNCTION RESTORE — Brings back what FUNCTION DUMP serialized.
  private Command functionRestore() {
    return command(
        declare("FUNCTION|RESTORE")
            .group(Group.SCRIPTING)
            .since("7.0.0")
            .complexity("O(N), N = functions on the payload")
            .summary("Brings back what FUNCTION DUMP serialized.")
            .arity(-3)
            .flags(WRITE, DENYOOM, NOSCRIPT)
            .args(
                string("serialized-value"),
                oneOf("policy", pureToken("FLUSH"), pureToken("APPEND"), pureToken("REPLACE"))
                    .optional())
            .replies(ok())
            .tips(REQUEST_ALL_SHARDS, RESPONSE_ALL_SUCCEEDED),
        this::restore);
  }

  /// FUNCTION STATS — Tells which function is running and which engines there are.
  private Command functionStats() {
    return command(
        declare("FUNCTION|STATS")
            .group(Group.SCRIPTING)
            .since("7.0.0")
            .complexity("O(1)")
            .summary("Tells which function is running and which engines there are.")
            .arity(2)
            .flags(NOSCRIPT, ALLOW_BUSY)
            .replies(map())
            .tips(NONDETERMINISTIC_OUTPUT, REQUEST_ALL_SHARDS, RESPONSE_SPECIAL),
        this::stats);
  }

  /// FUNCTION — Deals with function libraries; see its subcommands.
  private Command function() {
    return container(
        declare("FUNCTION")
            .group(Group.SCRIPTING)
            .since("7.0.0")
            .complexity("Depends on subcommand")
            .summary("Deals with function libraries; see its subcommands.")
            .arity(-2),
        List.of(
            functionDelete(),
            functionDump(),
            functionFlush(),
            functionHelp(),
            functionKill(),
            functionList(),
            functionLoad(),
            functionRestore(),
            functionStats()));
  }

  private void call(Call call, boolean readOnly) {
    Functions.Function function = functions.function(call.arg(1).toString());
    if (function == null) {
      throw ReplyError.err("Function not found");
    }
    long keys = call.integer(2, ReplyError.err("Bad number of keys provided"));
    if (keys > call.argc() - FIRST_KEY) {
      throw ReplyError.err("Number of keys can't be greater than number of args");
    }
    if (keys < 0) {
      throw ReplyError.err("Number of keys can't be negative");
    }
    runtime.run(
        call, function.code(), new LuaRuntime.Invocation(FIRST_KEY, (int) keys, false, readOnly));
  }

  private int flags(Call call, int declared) {
    if (call.arg(1).length > CopyLimitException.MAX_BYTES) {
      return declared; // It is refused when it runs.
    }
    Functions.Function function = functions.function(call.arg(1).toString());
    return function == null ? declared : function.code().flags().admission(declared);
  }

  private void delete(Call call) {
    if (!functions.delete(call.arg(2).toString())) {
      throw ReplyError.err("Library not found");
    }
    call.replicate();
    call.reply().ok();
  }

  private void dump(Call call) {
    call.reply().bulk(payloads.write(functions.dump()));
  }

  private void flush(Call call) {
    if (call.argc() > 3) {
      throw Help.hint(call);
    }
    if (call.argc() == 3 && !call.is(2, "SYNC") && !call.is(2, "ASYNC")) {
      throw ReplyError.err("FUNCTION FLUSH only supports SYNC|ASYNC option");
    }
    functions.flush();
    call.replicate();
    call.reply().ok();
  }

  private void kill(Call call) {
    running.kill(false);
    call.reply().ok();
  }

  private void load(Call call) {
    boolean replace = false;
    for (int i = 2; i < call.argc() - 1; i++) {
      if (!call.is(i, "REPLACE")) {
        throw ReplyError.err("Unknown option given: " + call.arg(i));
      }
      replace = true;
    }
    String name = functions.load(call.arg(call.argc() - 1).toBytes(), replace);
    call.replicate();
    call.reply().bulk(name);
  }

  private void restore(Call call) {
    if (call.argc() > 4) {
      throw Help.hint(call);
    }
    Functions.Policy policy = Functions.Policy.APPEND;
    if (call.argc() == 4) {
      policy = policy(call.arg(3).toString().toUpperCase(Locale.ROOT));
    }
    Slice payload = call.arg(2);
    if (!payloads.isIntact(payload)) {
      throw ReplyError.err("DUMP payload version or checksum are wrong");
    }
    try {
      functions.restore(payloads.read(payload), policy);
    } catch (IOException e) {
      throw ReplyError.err(String.valueOf(e.getMessage()));
    }
    call.replicate();
    call.reply().ok();
  }

  private static Functions.Policy policy(String word) {
    for (Functions.Policy policy : Functions.Policy.values()) {
      if (policy.name().equals(word)) {
        return policy;
      }
    }
    throw ReplyError.err(
        "Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.");
  }

  private void stats(Call call) {
    Reply reply = call.reply();
    reply.map(2);
    reply.bulk("running_script");
    String name = running.name();
    if (name == null) {
      reply.nil();
    } else {
      reply.map(3);
      reply.bulk("name");
      reply.bulk(name);
      reply.bulk("command");
      List<byte[]> words = running.command();
      reply.array(words.size());
      for (byte[] word : words) {
        reply.bulk(word);
      }
      reply.bulk("duration_ms");
      reply.integer(running.elapsedMillis());
    }
    reply.bulk("engines");
    reply.map(1);
    reply.bulk("LUA");
    reply.map(2);
    reply.bulk("libraries_count");
    reply.integer(functions.libraries().size());
    reply.bulk("functions_count");
    reply.integer(functions.functionCount());
  }

  private void list(Call call) {
    boolean withCode = false;
    Slice pattern = null;
    for (int i = 2; i < call.argc(); i++) {
      if (!withCode && call.is(i, "WITHCODE")) {
        withCode = true;
      } else if (pattern == null && call.is(i, "LIBRARYNAME")) {
        if (i == call.argc() - 1) {
          throw ReplyError.err("library name argument was not given");
        }
        pattern = call.arg(++i);
      } else {
        throw ReplyError.err("Unknown argument " + call.arg(i));
      }
    }
    Reply reply = call.reply();
    int mark = reply.deferArray();
    int count = 0;
    for (Functions.Library library : functions.libraries()) {
      if (pattern == null || Glob.matchesIgnoringCase(pattern, library.name())) {
        describe(reply, library, withCode);
        count++;
      }
    }
    reply.closeArray(mark, count);
  }

  private static void describe(Reply reply, Functions.Library library, boolean withCode) {
    reply.map(withCode ? 4 : 3);
    reply.bulk("library_name");
    reply.bulk(library.name());
    reply.bulk("engine");
    reply.bulk("LUA");
    reply.bulk("functions");
    reply.array(library.functions().size());
    library
        .functions()
        .forEach(
            (_, function) -> {
              reply.map(3);
              reply.bulk("name");
              reply.bulk(function.code().name());
              reply.bulk("description");
              String description = function.description();
              if (description == null) {
                reply.nil();
              } else {
                reply.bulk(description.getBytes(StandardCharsets.ISO_8859_1));
              }
              reply.bulk("flags");
              Set<ScriptFlags.Flag> flags = function.code().flags().flags();
              reply.set(flags.size());
              for (ScriptFlags.Flag flag : flags) {
                reply.simple(flag.word());
              }
            });
    if (withCode) {
      reply.bulk("library_code");
      reply.bulk(library.text());
    }
  }

  List<Command> all() {
    return List.of(fcall(), fcallRo(), function());
  }
}
