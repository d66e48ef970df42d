package carnelian.datatypes;

import carnelian.keyspace.SortedSetCursor;
import carnelian.resp.Reply;
import carnelian.structures.Element;

/// Writes what compact structures hold into replies.
final class Elements {
  private Elements() {}

  static void bulk(Reply reply, Element element) {
    if (element.isInteger()) {
      reply.bulkInteger(element.integer());
    } else {
      reply.bulk(element.at(), element.length());
    }
  }

  /// Begins an array of `count` elements, or pairs: RESP3 has an array for each pair, RESP2 one for
  /// all of them.
  static void beginPairs(Reply reply, long count, boolean paired) {
    reply.array(Math.toIntExact(paired && !reply.isResp3() ? 2 * count : count));
  }

  /// A member alone, or with its score.
  static void pair(Reply reply, SortedSetCursor member, boolean withScore) {
    if (withScore && reply.isResp3()) {
      reply.array(2);
    }
    bulk(reply, member.member());
    if (withScore) {
      reply.number(member.score());
    }
  }

  /// A field alone, or with its value.
  static void pair(Reply reply, Element field, Element value, boolean withValue) {
    if (withValue && reply.isResp3()) {
      reply.array(2);
    }
    bulk(reply, field);
    if (withValue) {
      bulk(reply, value);
    }
  }
}
