package carnelian.harness;

import carnelian.engine.CommandFeed;
import carnelian.memory.NativeBuffer;
import java.util.ArrayList;
import java.util.List;

/// Keeps the propagated stream for a test to look at.
final class RecordingFeed implements CommandFeed, AutoCloseable {
  private final NativeBuffer stream = new NativeBuffer(1024);
  private long offset;

  @Override
  public void append(long at, int bytes) {
    stream.put(at, bytes);
    offset += bytes;
  }

  @Override
  public long offset() {
    return offset;
  }

  /// The commands since the last call, one a line.
  List<String> take() {
    ReplyDecoder decoder = new ReplyDecoder(stream.toBytes());
    stream.clear();
    List<String> commands = new ArrayList<>();
    while (decoder.hasMore()) {
      if (!(decoder.next() instanceof List<?> arguments)) {
        throw new AssertionError("not a command in the stream");
      }
      List<String> words = new ArrayList<>();
      for (Object argument : arguments) {
        words.add(String.valueOf(argument));
      }
      commands.add(String.join(" ", words));
    }
    return commands;
  }

  @Override
  public void close() {
    stream.close();
  }
}
