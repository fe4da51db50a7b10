/* The syntax of the pto ops, one row each, sorted by name. The reader and the writer both go by these
 * rows; optable.h explains the notation. */
#include "asm/optable.h"

#include <string.h>

/* Shapes that many ops share. */
#define UNARY "ins(<src>) outs(<dst>) {}"
#define BINARY "ins(<a, b>) outs(<dst>) {}"
#define TERNARY "ins(<a, b, c>) outs(<dst>) {}"
#define WITH_SCRATCH "ins(<a, tmp?>) outs(<dst>) {}"
#define BINARY_WITH_SCRATCH "ins(<a, b, tmp?>) outs(<dst>) {}"
#define PRODUCT "ins(<lhs, rhs>) outs(<dst>) {} [[-> !result]]"
#define PRODUCT_3 "ins(<a, b, c>) outs(<dst>) {} [[-> !result]]"
#define PRODUCT_4 "ins(<a, b, c, d>) outs(<dst>) {} [[-> !result]]"
#define PRODUCT_5 "ins(<a, b, c, d, e>) outs(<dst>) {} [[-> !result]]"
#define ALLOC                                                                                      \
  "[[addr = $addr:i64]] [[valid_row = $valid_row:index]] [[valid_col = $valid_col:index]] {} : "   \
  "!result"
#define FRONTEND_PIPE                                                                              \
  "{id,dir_mask,slot_size,slot_num,local_slot_num,nosplit,acc_push_epilogue} "                     \
  "([[; gm_slot_buffer = $gm_slot_buffer : !gm_slot_buffer]] "                                     \
  "[[; gm_slot_tensor = $gm_slot_tensor : !gm_slot_tensor]] "                                      \
  "[[; c2v_consumer_buf = $c2v_consumer_buf : !c2v_consumer_buf]] "                                \
  "[[; v2c_consumer_buf = $v2c_consumer_buf : !v2c_consumer_buf]]) {}"
#define TPUSH "(<tile>) {id,split} [[aiv_subblockid($aiv_subblockid:i64)]] {}"
#define TPOP                                                                                       \
  "[[($valid_row:index, $valid_col:index)]] {id,split} [[aiv_subblockid($aiv_subblockid:i64)]] "   \
  "{} "                                                                                            \
  "-> !result"
#define TFREE "[[($entry : !entry)]] {id,split} {}"
#define TALLOC "{id,split} {} -> !result"
#define EVENT "[@src_op, @dst_op, @event_id<event>] {}"
#define FLAG "[@src_pipe<pipe>, @dst_pipe<pipe>, @event_id<event>] {}"
#define FLAG_DYN "[@src_pipe<pipe>, @dst_pipe<pipe>, $event_id:index] {}"
#define SYNC "@pipe<pipe> [[, @event_id]] [[, $event_id_dyn:index]] {}"
#define BUF "[@op_type, @buf_id [[, @mode]] ] {}"
#define VALID_VIEW "$source [[, $valid_row:index, $valid_col:index]] {} : !source -> !result"
#define ASYNC "(<dst, src, session>) {} -> !result"
#define COLLECTIVE_TYPES "!ping [[, !pong]], !group) {}"

const ptl_op_syntax ptl_op_table[] = {
    {"addptr", "$ptr, $offset:index {} : !ptr -> !result"},
    {"aic_initialize_pipe", FRONTEND_PIPE},
    {"aiv_initialize_pipe", FRONTEND_PIPE},
    {"alloc_multi_tile", ALLOC},
    {"alloc_tile", ALLOC},
    {"barrier", "@pipe<pipe> {}"},
    {"barrier_sync", "[@op_type] {}"},
    {"bind_tile", VALID_VIEW},
    {"bitcast", "$src {} : !src -> !result"},
    {"build_async_session", "(<scratch, workspace>) {} -> !result"},
    {"castptr", "$input {} : !input -> !result"},
    {"cmo.cacheinvalid",
     "[[all @space<address_space>]] [[$addr single_cache_line : !addr]] {}"},
    {"comm.build_async_session", "(<scratch, workspace>) {} -> !result"},
    {"comm.tbroadcast",
     "($src, recv($ping [[, $pong?]]), group($group*) : !src, " COLLECTIVE_TYPES},
    {"comm.test_async_event", "(<event, session>) {} -> !result"},
    {"comm.tgather", "($dst, recv($ping [[, $pong?]]), group($group*) : !dst, " COLLECTIVE_TYPES},
    {"comm.tget", "($dst, $src, buf($ping [[, $pong]]) : !dst, !src, !ping [[, !pong]]) {}"},
    {"comm.tget_async", ASYNC},
    {"comm.tnotify", "(<signal, value>) {}"},
    {"comm.tput", "($dst, $src, buf($ping [[, $pong]]) : !dst, !src, !ping [[, !pong]]) {}"},
    {"comm.tput_async", ASYNC},
    {"comm.treduce",
     "($dst, $acc, recv($ping [[, $pong?]]), group($group*) : !dst, !acc, " COLLECTIVE_TYPES},
    {"comm.tscatter", "($src, recv($ping [[, $pong?]]), group($group*) : !src, " COLLECTIVE_TYPES},
    {"comm.ttest", "(<signal, value>) {} -> !result"},
    {"comm.twait", "(<signal, value>) {}"},
    {"comm.wait_async_event", "(<event, session>) {} -> !result"},
    {"declare_eventid_array", "{} -> !result"},
    {"declare_global", "{} -> !result"},
    {"declare_local_array", "{} -> !result"},
    {"declare_tile", "{} -> !result"},
    {"declare_tile_memref", "{} -> !result"},
    {"eventid_array_get", "$array[$index:index] {} : !array ~index"},
    {"eventid_array_set", "$array[$index:index], $value:index {} : !array"},
    {"fence.barrier_all", "@scope<fence_scope> {}"},
    {"get_block_idx", "{} ~i64"},
    {"get_block_num", "{} ~i64"},
    {"get_buf", BUF},
    {"get_prefetch_async_session", "$ctx {} : !ctx -> !result"},
    {"get_subblock_idx", "{} ~i64"},
    {"get_subblock_num", "{} ~i64"},
    {"get_tensor_view_dim", "$view, $dim:index : !view -> !result {}"},
    {"get_tensor_view_stride", "$view, $dim:index : !view -> !result {}"},
    {"get_validshape", "$source {} : !source ~index ~index"},
    {"import_reserved_buffer", "{name,peer_func} {} -> !result"},
    {"initialize_l2g2l_pipe",
     "{dir_mask,slot_size,slot_num,local_slot_num,flag_base,nosplit,acc_push_epilogue} "
     "($gm_addr : !gm_addr [[, $local_addr : !local_addr]] [[, $peer : !peer]]) {} -> !result"},
    {"initialize_l2l_pipe", "{dir_mask,slot_size,slot_num,flag_base,nosplit,acc_push_epilogue} "
                            "($local_addr : !local_addr [[, $peer : !peer]]) {} -> !result"},
    {"inttoptr", "$addr {} : !addr -> !result"},
    {"load_scalar", "$ptr[$offset:index] {} : !ptr -> !result"},
    {"local_array_get", "$array[$indices*:index] {} : !array -> !result"},
    {"local_array_set", "$array[$indices*:index], $value {} : !array, !value"},
    {"make_prefetch_async_context", "(<workspace>) {} -> !result"},
    {"make_tensor_view",
     "$ptr:ptr, shape = [$shape*:index], strides = [$strides*:index] {} : !result"},
    {"materialize_tile", VALID_VIEW},
    {"mgather", "ins(<mem, idx, scratch^>) outs(<dst>) {}"},
    {"mscatter", BINARY},
    {"multi_tile_get", "$source[$slot:index] {} : !source -> !result"},
    {"partition_view", "$source, offsets = [$offsets*:index], sizes = [$sizes*:index] {} : !source "
                       "[[-> !result]]"},
    {"pointer_cast", "($addrs*:i64) [[$valid_row:index, $valid_col:index]] {} : !result"},
    {"print", "ins(@format, $scalar : !scalar) {}"},
    {"ptrtoint", "$ptr {} : !ptr -> !result"},
    {"record_event", EVENT},
    {"reserve_buffer", "{name,size,location,auto,base} {} -> !result"},
    {"rls_buf", BUF},
    {"section.cube", "body {}"},
    {"section.vector", "body {}"},
    {"set_cross_block", SYNC},
    {"set_ffts", "$ffts {} : !ffts"},
    {"set_flag", FLAG},
    {"set_flag_dyn", FLAG_DYN},
    {"set_intra_block", SYNC},
    {"set_quant_scalar", "(<scale>) {id} {}"},
    {"set_quant_vector", "(<tile>) {id} {}"},
    {"set_validshape", "$source, $valid_row:index, $valid_col:index {} : !source"},
    {"slot_marker", "$source[$slot:index] {} : !source -> !result"},
    {"store_scalar", "$value, $ptr[$offset:index] {} : !ptr, !value"},
    {"subset", "$source[$offsets*:index] sizes @sizes {} : !source [[-> !result]]"},
    {"subview", "$source[$offsets*:index] sizes @sizes [[valid [$valid_row:index, "
                "$valid_col:index] ]] {} : !source [[-> !result]]"},
    {"sync.set", SYNC},
    {"sync.wait", SYNC},
    {"syncall", "([[<workspaces*>]]) mode = @mode, "
                "core_type = @core_type {}"},
    {"tabs", UNARY},
    {"tadd", BINARY},
    {"taddc", TERNARY},
    {"taddrelu", BINARY},
    {"tadds", BINARY},
    {"taddsc", TERNARY},
    {"talloc", "(<entry, pipe>) {split} {}"},
    {"talloc_to_aic", TALLOC},
    {"talloc_to_aiv", TALLOC},
    {"tand", BINARY},
    {"tands", BINARY},
    {"tassign", "$tile, $addr:i64 {} : !tile -> !result"},
    {"taxpy", BINARY},
    {"tci", WITH_SCRATCH},
    {"tcmp", "ins(<a, b, {}>) outs(<dst>)"},
    {"tcmps", "ins(<a, b, {}>) outs(<dst>)"},
    {"tcolargmax", WITH_SCRATCH},
    {"tcolargmin", WITH_SCRATCH},
    {"tcolexpand", UNARY},
    {"tcolexpandadd", BINARY},
    {"tcolexpanddiv", BINARY},
    {"tcolexpandexpdif", BINARY},
    {"tcolexpandmax", BINARY},
    {"tcolexpandmin", BINARY},
    {"tcolexpandmul", BINARY},
    {"tcolexpandsub", BINARY},
    {"tcolmax", UNARY},
    {"tcolmin", UNARY},
    {"tcolprod", UNARY},
    {"tcolsum", "ins(<src, tmp?, {?isBinary}>) outs(<dst>) {}"},
    {"tconcat", BINARY},
    {"tconcatidx", "ins(<a, b, a_idx, b_idx>) outs(<dst>) {}"},
    {"tcvt", "ins(<src, tmp?, {}>) outs(<dst>)"},
    {"tdequant", TERNARY},
    {"tdiv", BINARY},
    {"tdivs", BINARY},
    {"test_async_event", "(<event, session>) {} -> !result"},
    {"texp", UNARY},
    {"texpands", UNARY},
    {"textract", "ins(<src, row, col, quant^> [[fp $fp : !fp]]) outs(<dst>) {}"},
    {"textract_fp", "ins(<src, fp, row, col>) outs(<dst>) {}"},
    {"tfillpad", UNARY},
    {"tfillpad_expand", UNARY},
    {"tfillpad_inplace", UNARY},
    {"tfmod", BINARY},
    {"tfmods", BINARY},
    {"tfree", "(<entry?, pipe>) {split} {}"},
    {"tfree_from_aic", TFREE},
    {"tfree_from_aiv", TFREE},
    {"tgather", "ins(<src, indices^, tmp^, value^, {,maskPattern}> [[, @axis]]) "
                "outs(<dst, cdst^>) {}"},
    {"tgatherb", BINARY},
    {"tgemv", PRODUCT},
    {"tgemv.acc", PRODUCT_3},
    {"tgemv.bias", PRODUCT_3},
    {"tgemv.mx", PRODUCT_4},
    {"tgemv.mx.acc", PRODUCT_5},
    {"tgemv.mx.bias", PRODUCT_5},
    {"tget_async", ASYNC},
    {"tget_scale_addr", UNARY},
    {"tgetval", "ins(<src, offset>) outs : !result {}"},
    {"thistogram", BINARY},
    {"tile_valid_cols", "$src {} : !src -> !result"},
    {"tile_valid_rows", "$src {} : !src -> !result"},
    {"tinsert", "ins(<src, row, col> [[fp $fp : !fp]] [[pre_quant $quant : !quant]]) outs(<dst>) "
                "{}"},
    {"tinsert_fp", "ins(<src, fp, row, col>) outs(<dst>) {}"},
    {"tload", "ins(<src>) outs(<dst>) {} [[pad_mode = @pad_mode]] "
              "[[pad_value = $pad_value : !pad_value]] "
              "[[left_padding_num = $left : !left]] [[init_out_buffer = @init_out_buffer]] "
              "[[right_padding_num = $right : !right]] "
              "[[init_condition = $condition : !condition]] [[-> !result]]"},
    {"tlog", UNARY},
    {"tlrelu", BINARY},
    {"tmatmul", PRODUCT},
    {"tmatmul.acc", PRODUCT_3},
    {"tmatmul.bias", PRODUCT_3},
    {"tmatmul.mx", PRODUCT_4},
    {"tmatmul.mx.acc", PRODUCT_5},
    {"tmatmul.mx.bias", PRODUCT_5},
    {"tmax", BINARY},
    {"tmaxs", BINARY},
    {"tmin", BINARY},
    {"tmins", BINARY},
    {"tmov",
     "ins(<src> [[fp $fp : !fp]] [[, $second : !second]] [[, $third : !third]]) outs(<dst>) "
     "{} [[-> !result]]"},
    {"tmov.fp", BINARY},
    {"tmrgsort", "ins(<srcs*, {exhausted}>) outs(<dsts*>) {}"},
    {"tmul", BINARY},
    {"tmuls", BINARY},
    {"tneg", UNARY},
    {"tnot", UNARY},
    {"tor", BINARY},
    {"tors", BINARY},
    {"tpack", UNARY},
    {"tpartadd", BINARY},
    {"tpartargmax", "ins(<a, b, a_idx, b_idx>) outs(<dst, dst_idx>) {}"},
    {"tpartargmin", "ins(<a, b, a_idx, b_idx>) outs(<dst, dst_idx>) {}"},
    {"tpartmax", BINARY},
    {"tpartmin", BINARY},
    {"tpartmul", BINARY},
    {"tpop", "(<tile, pipe>) {split} [[aiv_subblockid($aiv_subblockid:i64)]] {}"},
    {"tpop_from_aic", TPOP},
    {"tpop_from_aiv", TPOP},
    {"tpow", "ins(<base, exp, tmp^>) outs(<dst>) {}"},
    {"tpows", "ins(<src, scalar, tmp^>) outs(<dst>) {}"},
    {"tprefetch", UNARY},
    {"tprefetch_async", "(<src, ctx>) {} -> !result"},
    {"tprelu", BINARY_WITH_SCRATCH},
    {"tprint", "ins(<src, tmp?>) {}"},
    {"tpush", "(<tile, pipe>) {split} [[aiv_subblockid($aiv_subblockid:i64)]] {}"},
    {"tpush_to_aic", TPUSH},
    {"tpush_to_aiv", TPUSH},
    {"tput_async", ASYNC},
    {"tquant", "ins(<src, fp, offset?>) outs(<dst, tmp?>) {}"},
    {"tquant.mx", "ins(<src>) outs(<dst, exp, max, scaling, exp_zz?>) {}"},
    {"trandom", "ins(<key0, key1, counter0, counter1, counter2, counter3, {}>) outs(<dst>)"},
    {"trap", "{}"},
    {"trecip", UNARY},
    {"trelu", UNARY},
    {"trem", BINARY_WITH_SCRATCH},
    {"trems", BINARY_WITH_SCRATCH},
    {"treshape", "$src {} : !src -> !result"},
    {"trowargmax", WITH_SCRATCH},
    {"trowargmin", WITH_SCRATCH},
    {"trowexpand", UNARY},
    {"trowexpandadd", BINARY_WITH_SCRATCH},
    {"trowexpanddiv", BINARY_WITH_SCRATCH},
    {"trowexpandexpdif", BINARY_WITH_SCRATCH},
    {"trowexpandmax", BINARY_WITH_SCRATCH},
    {"trowexpandmin", BINARY_WITH_SCRATCH},
    {"trowexpandmul", BINARY_WITH_SCRATCH},
    {"trowexpandsub", BINARY_WITH_SCRATCH},
    {"trowmax", WITH_SCRATCH},
    {"trowmin", WITH_SCRATCH},
    {"trowprod", WITH_SCRATCH},
    {"trowsum", WITH_SCRATCH},
    {"trsqrt", "ins(<src, tmp^>) outs(<dst>) {}"},
    {"tscatter", "ins(<src, indexes^, {,maskPattern}>) outs(<dst>) {}"},
    {"tsel", "ins(<mask, a, b, tmp?>) outs(<dst>) {}"},
    {"tsels", "ins(<mask, src, tmp, scalar?>) outs(<dst>) {}"},
    {"tsetval", "ins(<offset, value>) outs(<dst>) {}"},
    {"tshl", BINARY},
    {"tshls", BINARY},
    {"tshr", BINARY},
    {"tshrs", BINARY},
    {"tsort32", BINARY_WITH_SCRATCH},
    {"tsqrt", UNARY},
    {"tstore", "ins(<src> [[fp $fp : !fp]] [[, $quant : !quant]]) outs(<dst>) {} [[-> !result]]"},
    {"tstore_fp", BINARY},
    {"tsub", BINARY},
    {"tsubc", TERNARY},
    {"tsubs", BINARY},
    {"tsubsc", TERNARY},
    {"tsync", "ins(<events*>) {}"},
    {"ttrans", WITH_SCRATCH},
    {"ttri", "ins(<diagonal, {}>) outs(<dst>)"},
    {"txor", BINARY_WITH_SCRATCH},
    {"txors", BINARY_WITH_SCRATCH},
    {"wait_async_event", "(<event, session>) {} -> !result"},
    {"wait_cross_block", SYNC},
    {"wait_event", EVENT},
    {"wait_flag", FLAG},
    {"wait_flag_dyn", FLAG_DYN},
    {"wait_intra_block", SYNC},
};

const size_t ptl_op_table_size = sizeof(ptl_op_table) / sizeof(ptl_op_table[0]);

static int compare(ptl_str name, const char *row) {
  size_t length = strlen(row);
  int order = memcmp(name.data, row, name.length < length ? name.length : length);
  return order != 0 ? order : (name.length > length) - (name.length < length);
}

const ptl_op_syntax *ptl_op_find(ptl_str name) {
  if (ptl_str_starts_with(name, "pto.")) {
    name.data += 4;
    name.length -= 4;
  }
  size_t low = 0;
  size_t high = ptl_op_table_size;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = compare(name, ptl_op_table[middle].name);
    if (order == 0) {
      return &ptl_op_table[middle];
    }
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return NULL;
}
