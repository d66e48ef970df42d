package carnelian.scripting;

import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.Dialogue;
import carnelian.engine.Engine;
import carnelian.engine.JavaHeapBudget;
import carnelian.engine.ReplyError;
import carnelian.memory.CopyLimitException;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The scripts that the server knows, by the digest of their code; and the running of them.
final class Scripts {
  private static final ReplyError NO_SCRIPT =
      ReplyError.of("NOSCRIPT No matching script. Please use EVAL.");
  private static final ReplyError TOO_MANY_KEYS =
      ReplyError.err("Number of keys can't be greater than number of args");
  private static final ReplyError NEGATIVE_KEYS =
      ReplyError.err("Number of keys can't be negative");

  private static final ReplyError NOT_BY_DIGEST =
      ReplyError.err("Please use EVAL instead of EVALSHA for debugging");
  private static final ReplyError NO_DIALOGUE =
      ReplyError.err("Debugging needs a connection, outside a transaction and a pipeline");

  /// What a client is told that wants its changes thrown away.
  static final ReplyError FORKED =
      ReplyError.err(
          "SCRIPT DEBUG YES is not supported, because changes cannot be thrown away. Use SCRIPT"
              + " DEBUG SYNC, or redis-cli --ldb-sync-mode: it holds the server, and changes"
              + " stay");

  private static final Logger LOG = LoggerFactory.getLogger(Scripts.class);

  private static final String CHUNK = "@user_script";
  private static final int FIRST_KEY = 3;

  /// What a script takes beside its code: the digest, the entry, the compiled function's header.
  private static final long OVERHEAD_BYTES = 200;

  private static final class Script {
    final LuaRuntime.Code code;
    final byte[] text;
    final byte[] digest;

    Script(LuaRuntime.Code code, byte[] text) {
      this.code = code;
      this.digest = code.name().getBytes(StandardCharsets.US_ASCII);
      this.text = text;
    }
  }

  private final Engine engine;
  private final RunningScript running;
  private final LuaRuntime runtime;
  private final JavaHeapBudget budget;
  private final Map<String, Script> byDigest = new HashMap<>();
  private @Nullable Script last;
  private @Nullable Script lastByDigest;
  private long textBytes;

  /// Their texts count against the budget of the Java heap.
  Scripts(Engine engine, RunningScript running, LuaRuntime runtime) {
    this.engine = engine;
    this.running = running;
    this.runtime = runtime;
    budget = engine.javaHeap();
  }

  int size() {
    return byDigest.size();
  }

  /// Code and what it takes to keep it.
  long bytes() {
    return textBytes + byDigest.size() * OVERHEAD_BYTES;
  }

  // ---- Running ---------------------------------------------------------------------------------

  void eval(Call call, boolean readOnly) {
    switch (call.client().debugging()) {
      case OFF -> runText(call, readOnly);
      case SYNC -> debug(call, () -> runText(call, readOnly));
      case FORKED ->
          debug(
              call,
              () -> {
                throw FORKED;
              });
    }
  }

  private void runText(Call call, boolean readOnly) {
    int keys = keys(call);
    run(call, compiled(call.arg(1)), keys, readOnly);
  }

  /// Runs a script under the debugger, whose session ends the connection, whatever happens.
  private void debug(Call call, Runnable script) {
    Client client = call.client();
    Dialogue dialogue = client.outlet().converse();
    if (dialogue == null) {
      throw NO_DIALOGUE;
    }
    LOG.warn("Synchronous debugging session of a script started");
    try (DebuggedScript debugged =
        new DebuggedScript(engine, runtime, running, dialogue, call.arg(1).toBytes())) {
      runtime.debug(debugged);
      try {
        script.run();
      } catch (ReplyError error) {
        debugged.end();
        if (client.output().isEmpty()) {
          throw error;
        }
        client.reply().error(error.text()); // What was said must not be taken back.
      }
    } finally {
      runtime.debug(null);
      client.closeAfterReply();
      LOG.warn("Synchronous debugging session of a script ended");
    }
  }

  void evalsha(Call call, boolean readOnly) {
    // Redis looks at the digest first.
    if (call.arg(1).length != Sha1.HEX_LENGTH) {
      throw NO_SCRIPT;
    }
    if (call.client().debugging() != Client.Debugging.OFF) {
      throw NOT_BY_DIGEST;
    }
    int keys = keys(call);
    Script script = known(call.arg(1));
    if (script == null) {
      throw NO_SCRIPT;
    }
    run(call, script, keys, readOnly);
  }

  /// The flags of a call of EVAL; what does not parse is refused when it runs.
  int evalFlags(Call call, int declared) {
    Slice code = call.arg(1);
    if (code.length < 2 || Memory.getByte(code.at) != '#' || Memory.getByte(code.at + 1) != '!') {
      return declared;
    }
    try {
      return ScriptFlags.parse(code.toBytes()).flags().admission(declared);
    } catch (ReplyError | CopyLimitException _) {
      return declared;
    }
  }

  int evalshaFlags(Call call, int declared) {
    Script script = known(call.arg(1));
    return script == null ? declared : script.code.flags().admission(declared);
  }

  /// The script with that digest, or null.
  private @Nullable Script known(Slice digest) {
    if (digest.length != Sha1.HEX_LENGTH) {
      return null;
    }
    Script recent = lastByDigest;
    if (recent != null && digest.contentEquals(recent.digest)) {
      return recent;
    }
    Script script = byDigest.get(digest.toString().toLowerCase(Locale.ROOT));
    lastByDigest = script;
    return script;
  }

  static int keys(Call call) {
    long keys = call.integer(2);
    if (keys > call.argc() - FIRST_KEY) {
      throw TOO_MANY_KEYS;
    }
    if (keys < 0) {
      throw NEGATIVE_KEYS;
    }
    return (int) keys;
  }

  private void run(Call call, Script script, int keys, boolean readOnly) {
    runtime.run(call, script.code, new LuaRuntime.Invocation(FIRST_KEY, keys, true, readOnly));
  }

  // ---- Cache -----------------------------------------------------------------------------------

  private Script compiled(Slice code) {
    Script recent = last;
    if (recent != null && code.contentEquals(recent.text)) {
      return recent;
    }
    byte[] text = code.toBytes();
    String digest = Sha1.hex(text);
    Script known = byDigest.get(digest);
    if (known == null) {
      known = compile(digest, text);
    }
    last = known;
    return known;
  }

  private Script compile(String digest, byte[] text) {
    ScriptFlags.Parsed parsed = ScriptFlags.parse(text);
    byte[] code = Arrays.copyOfRange(text, parsed.codeStart(), text.length);
    Script script = new Script(runtime.compile(digest, code, CHUNK, parsed.flags()), text);
    budget.take(heapBytes(text.length));
    byDigest.put(digest, script);
    textBytes += text.length;
    return script;
  }

  private static long heapBytes(int textBytes) {
    return 4L * JavaHeapBudget.OBJECT_BYTES + textBytes;
  }

  /// Keeps the script and returns its digest.
  String load(Slice code) {
    return compiled(code).code.name();
  }

  boolean exists(Slice digest) {
    return byDigest.containsKey(
        new String(digest.toBytes(), StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT));
  }

  void flush() {
    last = null;
    lastByDigest = null;
    budget.giveBack(heapBytes(0) * byDigest.size() + textBytes);
    textBytes = 0;
    byDigest.clear();
    runtime.close();
  }
}
