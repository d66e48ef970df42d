package carnelian.server;

import carnelian.base.Version;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.engine.Call;
import carnelian.engine.Effect;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import carnelian.memory.Glob;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What DEBUG does to the process: makes it crash, leak, or stand still.
final class DebugProcess {
  private static final int SIGSEGV = 11;
  private static final int SIGABRT = 6;
  private static final int MATCH_ROUNDS = 10_000;
  private static final int MATCH_LENGTH = 32;
  private static final String MATCH_LETTERS = "*?[]^-\\\\abc";

  /// A process cannot start itself anew here; whoever started it can.
  static final ReplyError NOT_RESTARTED =
      ReplyError.err("failed to restart the server. Check server logs.");

  private final Engine engine;
  private final Config config;
  private final Shutdown shutdown;

  /// DEBUG LEAK's.
  private final List<byte[]> leaked = new ArrayList<>();

  DebugProcess(Engine engine, Config config, Shutdown shutdown) {
    this.engine = engine;
    this.config = config;
    this.shutdown = shutdown;
  }

  /// Writes a crash report as for this signal, and dies of it.
  private void crash(int signal, String reason) {
    shutdown.dieBySignal(signal, reason, config.get(Directives.CRASH_LOG_ENABLED));
  }

  /// DEBUG CONFIG-REWRITE-FORCE-ALL.
  void rewriteConfig(Call call) {
    if (config.file() == null) {
      throw ReplyError.err("The server is running without a config file");
    }
    try {
      config.rewriteWithDefaults();
    } catch (IOException e) {
      throw ReplyError.err("CONFIG-REWRITE-FORCE-ALL failed: " + e.getMessage());
    }
    call.reply().ok();
  }

  void segfault() {
    crash(
        SIGSEGV,
        "Carnelian " + Version.CARNELIAN + " crashed by signal: " + SIGSEGV + ", DEBUG SEGFAULT");
  }

  void panic() {
    crash(SIGABRT, "Guru Meditation: A problem occurred: Panic called by DEBUG PANIC");
  }

  void failAssertion() {
    crash(SIGABRT, "=== ASSERTION FAILED === by DEBUG ASSERT");
  }

  void outOfMemory() {
    crash(SIGABRT, "Guru Meditation: Out Of Memory, simulated by DEBUG OOM");
  }

  void leak(Call call) {
    leaked.add(call.arg(2).toBytes());
    call.reply().ok();
  }

  void pauseCron(Call call) {
    engine.pauseCron(!call.is(2, "0"));
    call.reply().ok();
  }

  /// Propagates the words as a command, and does nothing else.
  static void replicate(Call call) {
    Effect effect = call.replicateAs(call.arg(2).toString());
    for (int i = 3; i < call.argc(); i++) {
      effect.arg(call.arg(i));
    }
    call.reply().ok();
  }

  /// Random patterns against random strings: none must hang or read outside its bytes.
  void matchRandomly(Call call) {
    try (NativeBuffer pattern = new NativeBuffer(MATCH_LENGTH);
        NativeBuffer string = new NativeBuffer(MATCH_LENGTH)) {
      for (int i = 0; i < MATCH_ROUNDS; i++) {
        fill(pattern);
        fill(string);
        boolean _ = Glob.matches(pattern.slice(new Slice()), string.slice(new Slice()));
      }
    }
    call.reply().simple("Apparently Redis did not crash: test passed");
  }

  private void fill(NativeBuffer buffer) {
    buffer.clear();
    int length = engine.random().nextInt(MATCH_LENGTH);
    for (int i = 0; i < length; i++) {
      buffer.putByte(MATCH_LETTERS.charAt(engine.random().nextInt(MATCH_LETTERS.length())));
    }
  }

  /// The settings of a part that works otherwise here are checked, and change nothing.
  static void replyBuffer(Call call) {
    String setting = call.arg(2).toString().toUpperCase(Locale.ROOT);
    switch (setting) {
      case "PEAK-RESET-TIME" -> {
        if (!call.is(3, "NEVER") && !call.is(3, "RESET")) {
          long _ = call.integer(3);
        }
      }
      case "RESIZING" -> {
        long _ = call.integer(3);
      }
      default -> throw ReplyError.SYNTAX;
    }
    call.reply().ok();
  }
}
