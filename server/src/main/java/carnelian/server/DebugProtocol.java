package carnelian.server;

import carnelian.engine.Call;
import carnelian.engine.ReplyError;
import carnelian.resp.Reply;
import java.util.Locale;

/// DEBUG PROTOCOL: a value of each type of RESP, for tests of clients.
final class DebugProtocol {
  private DebugProtocol() {}

  static void protocol(Call call) {
    Reply reply = call.reply();
    String type = call.arg(2).toString().toLowerCase(Locale.ROOT);
    switch (type) {
      case "string" -> reply.bulk("Hello World");
      case "integer" -> reply.integer(12345);
      case "double" -> reply.number(3.141);
      case "bignum" -> reply.bigNumber("1234567999999999999999999999999999999");
      case "null" -> reply.nil();
      case "array" -> {
        reply.array(3);
        integers(reply);
      }
      case "set" -> {
        reply.set(3);
        integers(reply);
      }
      case "map" -> {
        reply.map(3);
        for (int i = 0; i < 3; i++) {
          reply.integer(i);
          reply.bool(i == 1);
        }
      }
      case "attrib" -> attribute(reply);
      case "push" -> push(reply);
      case "verbatim" -> reply.verbatim("txt", "This is a verbatim\nstring");
      case "true" -> reply.bool(true);
      case "false" -> reply.bool(false);
      default ->
          throw ReplyError.err(
              "Wrong protocol type name. Please use one of the following: string|integer|double"
                  + "|bignum|null|array|set|map|attrib|push|verbatim|true|false");
    }
  }

  private static void integers(Reply reply) {
    for (int i = 0; i < 3; i++) {
      reply.integer(i);
    }
  }

  private static void attribute(Reply reply) {
    if (reply.isResp3()) {
      reply.attribute(1);
      reply.bulk("key-popularity");
      reply.array(2);
      reply.bulk("key:123");
      reply.integer(90);
    }
    reply.bulk("Some real reply following the attribute");
  }

  private static void push(Reply reply) {
    if (!reply.isResp3()) {
      throw ReplyError.err("RESP2 is not supported by this command");
    }
    reply.push(2);
    reply.bulk("server-cpu-usage");
    reply.integer(42);
    reply.bulk("Some real reply following the push reply");
  }
}
