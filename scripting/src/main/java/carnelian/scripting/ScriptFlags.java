package carnelian.scripting;

import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.MAY_REPLICATE;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.CommandFlag.WRITE;

import carnelian.engine.ReplyError;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a script or function says of itself, in its first line or when it is registered.
record ScriptFlags(boolean declared, Set<Flag> flags) {
  enum Flag {
    NO_WRITES,
    ALLOW_OOM,
    ALLOW_STALE,
    NO_CLUSTER,
    ALLOW_CROSS_SLOT_KEYS;

    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    String word() {
      return word;
    }
  }

  /// Of a script without a first line of flags: may do all that scripts could before there were
  /// flags.
  static final ScriptFlags UNDECLARED = new ScriptFlags(false, Set.of());

  boolean has(Flag flag) {
    return flags.contains(flag);
  }

  /// The flags of a call of the script, instead of those of the command that runs it.
  int admission(int declared) {
    if (!declared()) {
      return declared;
    }
    int flags = declared & ~(STALE.bit() | DENYOOM.bit() | WRITE.bit());
    if (has(Flag.NO_WRITES)) {
      flags &= ~MAY_REPLICATE.bit();
    } else {
      flags |= WRITE.bit();
    }
    // A script that does not write needs no room.
    if (!has(Flag.ALLOW_OOM) && !has(Flag.NO_WRITES)) {
      flags |= DENYOOM.bit();
    }
    return has(Flag.ALLOW_STALE) ? flags | STALE.bit() : flags;
  }

  /// A script's code behind its first line, and the flags in that.
  record Parsed(ScriptFlags flags, int codeStart) {}

  static Parsed parse(byte[] script) {
    if (script.length < 2 || script[0] != '#' || script[1] != '!') {
      return new Parsed(UNDECLARED, 0);
    }
    int end = 0;
    while (end < script.length && script[end] != '\n') {
      end++;
    }
    if (end == script.length) {
      throw ReplyError.err("Invalid script shebang");
    }
    String line = new String(script, 0, end, StandardCharsets.ISO_8859_1);
    String[] words = line.trim().split("[ \t\r]+", -1);
    if (!words[0].equals("#!lua")) {
      throw ReplyError.err("Unexpected engine in script shebang: " + words[0]);
    }
    Set<Flag> flags = new TreeSet<>();
    for (int i = 1; i < words.length; i++) {
      if (!words[i].startsWith("flags=")) {
        throw ReplyError.err("Unknown lua shebang option: " + words[i]);
      }
      for (String word : words[i].substring("flags=".length()).split(",", -1)) {
        if (word.isEmpty()) {
          continue;
        }
        Flag flag = flag(word);
        if (flag == null) {
          throw ReplyError.err("Unexpected flag in script shebang: " + word);
        }
        flags.add(flag);
      }
    }
    return new Parsed(new ScriptFlags(true, flags), end);
  }

  static @Nullable Flag flag(String word) {
    for (Flag flag : Flag.values()) {
      if (flag.word().equals(word)) {
        return flag;
      }
    }
    return null;
  }
}
