package carnelian.datatypes;

import static carnelian.datatypes.Families.check;

import org.junit.jupiter.api.Test;

/// The longest common subsequence.
class LcsCommandTest {
  @Test
  void lcs_inEveryForm() {
    check(
        """
        MSET a ohmytext b mynewtext                -> +OK
        LCS a b                                    -> mytext
        LCS a b LEN                                -> 6
        LCS a b IDX                                -> [matches [[[4 7] [5 8]] [[2 3] [0 1]]] len 6]
        LCS a b IDX MINMATCHLEN 4                  -> [matches [[[4 7] [5 8]]] len 6]
        LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN     -> [matches [[[4 7] [5 8] 4]] len 6]
        LCS a b IDX MINMATCHLEN -5                 -> [matches [[[4 7] [5 8]] [[2 3] [0 1]]] len 6]
        3> LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN  -> {matches: [[[4 7] [5 8] 4]], len: 6}
        """);
  }

  @Test
  void lcs_withNothingInCommon() {
    check(
        """
        MSET a abc b xyz   -> +OK
        LCS a b            -> ""
        LCS a b LEN        -> 0
        LCS a b IDX        -> [matches [] len 0]
        LCS a none         -> ""
        LCS none none LEN  -> 0
        LCS none none IDX  -> [matches [] len 0]
        """);
  }

  @Test
  void lcs_refuses() {
    check(
        """
        RPUSH l a                  -> 1
        SET k v                    -> +OK
        LCS k l                    -> -ERR The specified keys must contain string values
        LCS k k IDX LEN            -> -ERR If you want both the length and indexes, please just use IDX.
        LCS k k BLA                -> -ERR syntax error
        LCS k k IDX MINMATCHLEN    -> -ERR syntax error
        LCS k k IDX MINMATCHLEN x  -> -ERR value is not an integer or out of range
        """);
  }
}
