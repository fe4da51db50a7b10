AICORE void slots(__gm__ float* v1, __gm__ float* v2, int64_t v3) {
  const int64_t v4 = 2048;
  const int64_t v5 = 1;
  const int64_t v6 = 0;
  const int64_t v7 = 4096;
  const int64_t v8 = 2;
  uint64_t v10 = (uint64_t) v7;
  TASSIGN(v9, v10);
  set_flag(PIPE_V, PIPE_MTE2, EVENT_ID0);
  set_flag(PIPE_V, PIPE_MTE2, EVENT_ID1);
  set_flag(PIPE_MTE3, PIPE_V, EVENT_ID0);
  for (int64_t v11 = v6; v11 < v3; v11 += v5) {
    int64_t v12 = (int64_t) ((uint64_t) v11 % (uint64_t) v8);
    uint64_t v14 = (uint64_t) (v12 == v5 ? v4 : v6);
    TASSIGN(v13, v14);
    bool v15 = v12 != v5;
    event_t v16 = (event_t) (v15 ? v6 : v8 - v5);
    wait_flag(PIPE_V, PIPE_MTE2, v16);
    TLOAD(v13, v17);
    set_flag(PIPE_MTE2, PIPE_V, v16);
    wait_flag(PIPE_MTE2, PIPE_V, v16);
    wait_flag(PIPE_MTE3, PIPE_V, EVENT_ID0);
    TADDS(v9, v13, v18);
    set_flag(PIPE_V, PIPE_MTE2, v16);
    set_flag(PIPE_V, PIPE_MTE3, EVENT_ID0);
    wait_flag(PIPE_V, PIPE_MTE3, EVENT_ID0);
    TSTORE(v19, v9);
    set_flag(PIPE_MTE3, PIPE_V, EVENT_ID0);
  }
  wait_flag(PIPE_V, PIPE_MTE2, EVENT_ID0);
  wait_flag(PIPE_V, PIPE_MTE2, EVENT_ID1);
  wait_flag(PIPE_MTE3, PIPE_V, EVENT_ID0);
  return;
}
