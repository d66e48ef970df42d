package carnelian.command;

/// What a proxy or a cluster client should know about a command (COMMAND INFO's "tips").
public enum Tip {
  NONDETERMINISTIC_OUTPUT("nondeterministic_output"),
  NONDETERMINISTIC_OUTPUT_ORDER("nondeterministic_output_order"),
  REQUEST_ALL_NODES("request_policy:all_nodes"),
  REQUEST_ALL_SHARDS("request_policy:all_shards"),
  REQUEST_MULTI_SHARD("request_policy:multi_shard"),
  REQUEST_SPECIAL("request_policy:special"),
  RESPONSE_ONE_SUCCEEDED("response_policy:one_succeeded"),
  RESPONSE_ALL_SUCCEEDED("response_policy:all_succeeded"),
  RESPONSE_AGG_LOGICAL_AND("response_policy:agg_logical_and"),
  RESPONSE_AGG_LOGICAL_OR("response_policy:agg_logical_or"),
  RESPONSE_AGG_MIN("response_policy:agg_min"),
  RESPONSE_AGG_MAX("response_policy:agg_max"),
  RESPONSE_AGG_SUM("response_policy:agg_sum"),
  RESPONSE_SPECIAL("response_policy:special");

  private final String word;

  Tip(String word) {
    this.word = word;
  }

  /// As COMMAND INFO prints it.
  public String word() {
    return word;
  }
}
