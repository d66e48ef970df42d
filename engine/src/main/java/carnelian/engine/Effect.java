package carnelian.engine;

import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import carnelian.structures.Element;

/// One command in the propagated stream, written argument by argument by the handler whose effect
/// it is.
///
/// Ends when the handler starts another one or returns. When nobody takes the stream all methods do
/// nothing.
public final class Effect {
  private final Reply writer;
  private boolean open;
  private boolean listening;
  private int mark;
  private int arguments;

  Effect(NativeBuffer into) {
    writer = new Reply(into);
  }

  public Effect arg(Slice value) {
    if (listening) {
      writer.bulk(value);
      arguments++;
    }
    return this;
  }

  public Effect arg(long at, int length) {
    if (listening) {
      writer.bulk(at, length);
      arguments++;
    }
    return this;
  }

  public Effect arg(Element value) {
    if (value.isInteger()) {
      return arg(value.integer());
    }
    return arg(value.at(), value.length());
  }

  public Effect arg(String word) {
    if (listening) {
      writer.bulk(word);
      arguments++;
    }
    return this;
  }

  public Effect arg(long number) {
    if (listening) {
      writer.bulkInteger(number);
      arguments++;
    }
    return this;
  }

  /// A double in the shortest form that reads back as the same.
  public Effect number(double number) {
    if (listening) {
      writer.bulkNumber(number);
      arguments++;
    }
    return this;
  }

  /// Whether anybody takes what is written: worth asking before much is gathered for it.
  public boolean isWanted() {
    return listening;
  }

  void begin(boolean wanted) {
    listening = wanted;
    if (wanted) {
      open = true;
      arguments = 0;
      mark = writer.deferArray();
    }
  }

  /// Completes the command if one is open.
  void end() {
    if (open) {
      writer.closeArray(mark, arguments);
      open = false;
    }
    listening = false;
  }
}
