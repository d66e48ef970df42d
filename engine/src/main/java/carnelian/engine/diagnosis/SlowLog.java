package carnelian.engine.diagnosis;

import carnelian.engine.Call;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The commands that took longest, newest first, with their arguments cut short.
final class SlowLog {
  /// Of a longer command the last of these says how many more there were.
  static final int MAX_ARGUMENTS = 32;

  static final int MAX_ARGUMENT_BYTES = 128;

  private static final long DEFAULT_MICROS = 10_000;
  private static final int DEFAULT_LENGTH = 128;

  /// @param id counts up from the start of the server, also over RESET
  record Entry(
      long id, long unixSeconds, long micros, List<byte[]> args, String peer, String name) {}

  private final Deque<Entry> entries = new ArrayDeque<>();
  private long nextId;
  private long slowerThanMicros = DEFAULT_MICROS;
  private long maxLength = DEFAULT_LENGTH;

  void slowerThanMicros(long micros) {
    slowerThanMicros = micros;
  }

  /// Long.MAX_VALUE if nothing is logged.
  long thresholdNanos() {
    return slowerThanMicros < 0 ? Long.MAX_VALUE : TimeUnit.MICROSECONDS.toNanos(slowerThanMicros);
  }

  void maxLength(long length) {
    maxLength = length;
    trim();
  }

  void add(Call call, long micros) {
    long seconds = TimeUnit.MILLISECONDS.toSeconds(call.nowMillis());
    String peer = call.client().outlet().peer();
    entries.addFirst(
        new Entry(nextId++, seconds, micros, arguments(call), peer, call.client().name()));
    trim();
  }

  /// Newest first.
  Iterable<Entry> entries() {
    return entries;
  }

  int length() {
    return entries.size();
  }

  void reset() {
    entries.clear();
  }

  private void trim() {
    while (entries.size() > maxLength) {
      entries.removeLast();
    }
  }

  private static List<byte[]> arguments(Call call) {
    int argc = call.argc();
    int whole = argc > MAX_ARGUMENTS ? MAX_ARGUMENTS - 1 : argc;
    List<byte[]> arguments = new ArrayList<>(Math.min(argc, MAX_ARGUMENTS));
    for (int i = 0; i < whole; i++) {
      arguments.add(
          SecretArguments.isSecret(call, i)
              ? ascii(SecretArguments.REDACTED)
              : shortened(call.arg(i)));
    }
    if (whole < argc) {
      arguments.add(ascii("... (" + (argc - whole) + " more arguments)"));
    }
    return arguments;
  }

  private static byte[] shortened(Slice argument) {
    if (argument.length <= MAX_ARGUMENT_BYTES) {
      return argument.toBytes();
    }
    byte[] note = ascii("... (" + (argument.length - MAX_ARGUMENT_BYTES) + " more bytes)");
    byte[] bytes = new byte[MAX_ARGUMENT_BYTES + note.length];
    Memory.copyOut(argument.at, bytes, 0, MAX_ARGUMENT_BYTES);
    System.arraycopy(note, 0, bytes, MAX_ARGUMENT_BYTES, note.length);
    return bytes;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
