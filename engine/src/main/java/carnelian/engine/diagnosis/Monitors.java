package carnelian.engine.diagnosis;

import carnelian.command.CommandFlag;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.Engine;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.util.ArrayList;
import java.util.List;

/// The clients that see every command, after MONITOR, and the lines they see: `1700000000.123456 [0
/// 127.0.0.1:60866] "get" "key"`.
final class Monitors implements AutoCloseable {
  private static final int INITIAL_LINE_BYTES = 256;
  private static final int KEPT_LINE_BYTES = 64 * 1024;
  private static final int HIDDEN = CommandFlag.ADMIN.bit() | CommandFlag.SKIP_MONITOR.bit();
  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final String HEX = "0123456789abcdef";

  private final Engine engine;
  private final List<Client> clients = new ArrayList<>();
  private final NativeBuffer line = new NativeBuffer(INITIAL_LINE_BYTES);

  Monitors(Engine engine) {
    this.engine = engine;
  }

  boolean isEmpty() {
    return clients.isEmpty();
  }

  void add(Client client) {
    clients.add(client);
    client.monitor(true);
  }

  void remove(Client client) {
    if (clients.remove(client)) {
      client.monitor(false);
    }
  }

  void show(Call call) {
    if ((call.entry().declaration().flagBits() & HIDDEN) != 0) {
      return;
    }
    showAlways(call);
  }

  /// Also what is not shown when it is done.
  void showAlways(Call call) {
    write(call);
    for (int i = 0; i < clients.size(); i++) {
      engine.push(clients.get(i), line.address(), line.length());
    }
    if (line.capacity() > KEPT_LINE_BYTES) {
      line.clear();
      line.shrinkTo(INITIAL_LINE_BYTES);
    }
  }

  private void write(Call call) {
    long micros = engine.clock().wallMicros();
    long fraction = micros % MICROS_PER_SECOND;
    line.clear();
    line.putByte('+');
    line.putAscii(Long.toString(micros / MICROS_PER_SECOND));
    line.putByte('.');
    line.putAscii(Long.toString(MICROS_PER_SECOND + fraction).substring(1));
    String who = call.isOfScript() ? "lua" : call.client().outlet().peer();
    line.putAscii(" [" + call.db().index() + " " + who + "]");
    for (int i = 0; i < call.argc(); i++) {
      line.putAscii(" \"");
      if (SecretArguments.isSecret(call, i)) {
        line.putAscii(SecretArguments.REDACTED);
      } else {
        quote(call.arg(i));
      }
      line.putByte('"');
    }
    line.putAscii("\r\n");
  }

  private void quote(Slice argument) {
    for (int i = 0; i < argument.length; i++) {
      int b = Memory.getByte(argument.at + i) & 0xFF;
      switch (b) {
        case '\\', '"' -> escape(b);
        case '\n' -> escape('n');
        case '\r' -> escape('r');
        case '\t' -> escape('t');
        case 7 -> escape('a');
        case '\b' -> escape('b');
        default -> {
          if (b >= ' ' && b <= '~') {
            line.putByte(b);
          } else {
            escape('x');
            line.putByte(HEX.charAt(b >>> 4));
            line.putByte(HEX.charAt(b & 0xF));
          }
        }
      }
    }
  }

  private void escape(int letter) {
    line.putByte('\\');
    line.putByte(letter);
  }

  @Override
  public void close() {
    line.close();
  }
}
