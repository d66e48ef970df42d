package carnelian.resp;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplyTest {
  private final NativeBuffer out = new NativeBuffer(16);
  private final Reply reply = new Reply(out);

  @AfterEach
  void free() {
    out.close();
  }

  private String written() {
    String text = out.slice(new Slice()).toString();
    out.clear();
    return text;
  }

  private String written(int protocol, Runnable replies) {
    reply.protocol(protocol);
    replies.run();
    return written();
  }

  private void both(String resp2, String resp3, Runnable replies) {
    assertThat(written(2, replies)).as("RESP2").isEqualTo(resp2);
    assertThat(written(3, replies)).as("RESP3").isEqualTo(resp3);
  }

  private void same(String expected, Runnable replies) {
    both(expected, expected, replies);
  }

  @Test
  void simpleReplies_areTheSameInBothProtocols() {
    same("+OK\r\n", reply::ok);
    same("+PONG\r\n", reply::pong);
    same("+QUEUED\r\n", reply::queued);
    same("+Background saving started\r\n", () -> reply.simple("Background saving started"));
    same("$0\r\n\r\n", reply::emptyBulk);
    same(":-9223372036854775808\r\n", () -> reply.integer(Long.MIN_VALUE));
    same(":1234567\r\n", () -> reply.integer(1234567));
    same("*3\r\n", () -> reply.array(3));
  }

  @Test
  void bulk_ofEverySource_hasLengthAndLineEnd() {
    same("$5\r\nhello\r\n", () -> reply.bulk("hello"));
    same("$1\r\n\u00e9\r\n", () -> reply.bulk("\u00e9"));
    same("$3\r\n\u00e2\u0082\u00ac\r\n", () -> reply.bulk("\u20ac"));
    same("$2\r\na\0\r\n", () -> reply.bulk(new byte[] {'a', 0}));
    same("$3\r\n-17\r\n", () -> reply.bulkInteger(-17));
    same("$0\r\n\r\n", () -> reply.bulk(""));
    try (NativeBuffer value = new NativeBuffer(8)) {
      value.put("value".getBytes(StandardCharsets.US_ASCII));
      Slice slice = value.slice(new Slice());
      same("$5\r\nvalue\r\n", () -> reply.bulk(slice));
      same("+value\r\n", () -> reply.simple(slice));
      same("value", () -> reply.raw(slice));
    }
  }

  @Test
  void typesOfResp3_haveTheirKinInResp2() {
    both("$-1\r\n", "_\r\n", reply::nil);
    both("*-1\r\n", "_\r\n", reply::nilArray);
    both(":1\r\n", "#t\r\n", () -> reply.bool(true));
    both(":0\r\n", "#f\r\n", () -> reply.bool(false));
    both("*4\r\n", "%2\r\n", () -> reply.map(2));
    both("*2\r\n", "~2\r\n", () -> reply.set(2));
    both("*3\r\n", ">3\r\n", () -> reply.push(3));
    both("$3\r\n1.5\r\n", ",1.5\r\n", () -> reply.number(1.5));
    both("$3\r\ninf\r\n", ",inf\r\n", () -> reply.number(Double.POSITIVE_INFINITY));
    same("$3\r\n1.5\r\n", () -> reply.bulkNumber(1.5));
    both("$3\r\n123\r\n", "(123\r\n", () -> reply.bigNumber("123"));
    both("$2\r\nhi\r\n", "=6\r\ntxt:hi\r\n", () -> reply.verbatim("txt", "hi"));
    assertThat(written(3, () -> reply.attribute(1))).isEqualTo("|1\r\n");
  }

  @Test
  void bulkNumber_ofManyDigits_fitsItsHeader() {
    same("$23\r\n-1.234567890123456e-300\r\n", () -> reply.bulkNumber(-1.234567890123456e-300));
  }

  @Test
  void error_losesLineEnds_andIsHeardOf() {
    List<String> errors = new ArrayList<>();
    reply.onError(errors::add);
    same("-ERR bad  thing\r\n", () -> reply.error("ERR bad\r\nthing\r\n"));
    assertThat(errors).containsExactly("ERR bad  thing", "ERR bad  thing");
  }

  @Test
  void deferredArray_ofAnyLength_getsItsHeader() {
    for (int count : new int[] {0, 1, 9, 10, 99, 100, 12345}) {
      reply.protocol(2);
      reply.bulk("before");
      int outer = reply.deferArray();
      reply.integer(7);
      int inner = reply.deferArray();
      for (int i = 0; i < count; i++) {
        reply.integer(1);
      }
      reply.closeArray(inner, count);
      reply.closeArray(outer, 2);
      reply.ok();
      assertThat(written())
          .isEqualTo(
              "$6\r\nbefore\r\n*2\r\n:7\r\n*"
                  + count
                  + "\r\n"
                  + ":1\r\n".repeat(count)
                  + "+OK\r\n");
    }
  }

  @Test
  void deferredMapAndSet_followTheProtocol() {
    both("*4\r\n", "%2\r\n", () -> reply.closeMap(reply.deferArray(), 2));
    both("*10\r\n", "%5\r\n", () -> reply.closeMap(reply.deferArray(), 5));
    both("*2\r\n", "~2\r\n", () -> reply.closeSet(reply.deferArray(), 2));
  }

  @Test
  void rollback_takesBackWhatWasWrittenSinceTheMark() {
    reply.ok();
    int mark = reply.mark();
    reply.bulk("gone");
    reply.rollback(mark);
    assertThat(written()).isEqualTo("+OK\r\n");
  }

  @Test
  void suppressedReplies_leaveNoTrace() {
    reply.suppress(true);
    reply.ok();
    reply.bulk("x".repeat(1000));
    reply.bulk(new byte[10]);
    reply.bulkInteger(5);
    reply.number(0.1);
    reply.error("ERR x");
    reply.closeArray(reply.deferArray(), 12);
    reply.map(1);
    reply.simple("s");
    reply.raw(new byte[3]);
    reply.suppress(false);
    reply.pong();
    assertThat(written()).isEqualTo("+PONG\r\n");
  }
}
