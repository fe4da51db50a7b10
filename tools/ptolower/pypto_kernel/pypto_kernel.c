/* `ptolower pypto-kernel`: reads the request, lowers, runs ptoas if there is one, and writes the
 * folder. */
#include "pypto_kernel/pypto_kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file_command.h"
#include "common/files.h"
#include "common/output.h"
#include "common/ptoas.h"
#include "common/report.h"
#include "common/words.h"

static const word_help help = {
    .usage = "pypto-kernel --m=M --k=K --n=N --dtype=TYPE --out-dir=DIR [options]\n"
             "pypto-kernel LOWERED.pto --out-dir=DIR [options]",
    .about =
        "Writes what a pypto model needs to call a dual kernel: DIR/NAME.pto, NAME.cpp with its\n"
        "kernel_entry, and the stub NAME.py (docs/pypto-lib.md).\n",
    .refused = "there is no such kernel, or a file could not be read or written"};

static ptolower_status read_words(int argc, char **argv, pypto_words *out) {
  const word_option options[] = {
      {.name = "out-dir", .shown = "DIR", .value = &out->out_dir, .help = "what is written to"},
      {.name = "name",
       .shown = "NAME",
       .value = &out->name,
       .help = "of the kernel; default: gate_up_dual"},
      {.name = "target",
       .shown = "CHIP",
       .value = &out->target,
       .help = "a2a3 (or a3, 910B, 910C), a5 (or 950); default: that of LOWERED.pto, else a2a3"},
      {.name = "ptoas",
       .shown = "PATH|VERSION",
       .value = &out->ptoas,
       .help = "the ptoas that makes the C++, or none; default: $PTOAS, else on PATH. A version, "
               "as 0.60: what the kernel is lowered for; default: that of PATH, else any"},
      option_sync(&out->synchronises, &out->synchroniser),
      {.section = "Shape",
       .name = "m",
       .shown = "M",
       .value = &out->m,
       .help = "rows of the product that one task computes"},
      {.name = "k", .shown = "K", .value = &out->k, .help = "what is summed over"},
      {.name = "n", .shown = "N", .value = &out->n, .help = "its columns"},
      {.name = "dtype",
       .shown = "TYPE",
       .value = &out->dtype,
       .help = "i8, f16, bf16 or f32, of activation and weights"},
      {.name = "weights",
       .shown = "A,B",
       .value = &out->weights,
       .help = "names of one to four results; the weights are w_A, w_B; default: gate,up"},
      {.name = "transpose-b", .flag = &out->transpose_b, .help = "each weight is N x K"},
      {.section = "Where the tensors lie",
       .name = "lda",
       .shown = "COLUMNS",
       .value = &out->lda,
       .help = "leading dimension of the activation; default: K"},
      {.name = "ldb",
       .shown = "COLUMNS",
       .value = &out->ldb,
       .help = "of the weights; default: N; with --transpose-b K"},
      {.name = "ldc",
       .shown = "COLUMNS",
       .value = &out->ldc,
       .help = "of the results; default: the columns of a weight tensor's product"},
      {.name = "b-rows",
       .shown = "R",
       .value = &out->b_rows,
       .help = "rows of each weight tensor, or any; default: K, with --transpose-b N"},
      {.name = "n-offset",
       .shown = "FROM",
       .value = &out->n_offset,
       .help = "first column of the result: argument (default, if there are more columns), block "
               "(SPMD index times N), none"},
      {.name = "row-offset",
       .shown = "FROM",
       .value = &out->row_offset,
       .help = "first row of this layer's weights in their tensor: argument (default, if there are "
               "more rows), none"}};
  *out = (pypto_words){.name = "gate_up_dual", .weights = "gate,up"};
  word_list list = {.help = &help,
                    .options = options,
                    .option_count = sizeof(options) / sizeof(options[0]),
                    .inputs = &out->input,
                    .max_inputs = 1};
  ptolower_status status = words_read(&list, argc, argv);
  out->is_helped = list.is_helped;
  return status;
}

static ptolower_status check_words(const pypto_words *cli) {
  bool has_shape = cli->m && cli->k && cli->n && cli->dtype;
  if (!cli->out_dir) {
    return report_usage("no '--out-dir'");
  }
  if (cli->input && (cli->m || cli->k || cli->n || cli->dtype)) {
    return report_usage("a lowered kernel has its shape already");
  }
  return cli->input || has_shape ? PTOLOWER_OK
                                 : report_usage("a kernel needs --m, --k, --n and --dtype");
}

typedef struct kernel_job {
  const pypto_words *cli;
  pypto_shape shape; /* without an input */
  ptolower_chip chip;
  ptoas_choice ptoas;
  pypto_signature signature;
  char *pto; /* the lowered kernel */
  size_t pto_length;
} kernel_job;

static void path_of(const kernel_job *job, const char *name, const char *suffix,
                    char path[PATH_MAX]) {
  snprintf(path, PATH_MAX, "%s/%s%s", job->cli->out_dir, name, suffix);
}

static ptolower_status write_pto(const kernel_job *job) {
  char path[PATH_MAX];
  path_of(job, job->signature.name, ".pto", path);
  output_file file = {.path = path, .text = job->pto, .length = job->pto_length};
  return output_write(&file, 1);
}

/* ---- the lowered kernel ------------------------------------------------- */

/* A product of more rows than one takes is cut first. */
static const char *passes_of(const pypto_shape *shape) {
  return pypto_is_high(shape)
             ? "fuse-products,stage-rhs,plan-accumulators,lower-to-pto,settle-tiles,emit-pto"
             : "stage-rhs,plan-accumulators,lower-to-pto,settle-tiles,emit-pto";
}

static ptolower_options *make_options(const kernel_job *job) {
  ptolower_options *options = ptolower_options_create();
  bool ok = options && ptolower_options_set(options, "target", job->chip.name) == PTOLOWER_OK &&
            (!*job->ptoas.version ||
             ptolower_options_set(options, "ptoas", job->ptoas.version) == PTOLOWER_OK) &&
            ptolower_options_set(options, "file", job->cli->name) == PTOLOWER_OK &&
            ptolower_options_set(options, "pass-pipeline", passes_of(&job->shape)) == PTOLOWER_OK;
  if (!ok) {
    ptolower_options_destroy(options);
    report_error("out of memory");
  }
  return ok ? options : NULL;
}

static ptolower_status lower_text(kernel_job *job, const char *text, size_t length) {
  ptolower_result *result = NULL;
  ptolower_options *options = make_options(job);
  if (!options) {
    return PTOLOWER_INTERNAL;
  }
  ptolower_status status = ptolower_run(options, text, length, &result);
  ptolower_options_destroy(options);
  if (result && (status != PTOLOWER_REFUSED || job->shape.cuts_columns)) {
    report_diagnostics(stderr, result, false);
  }
  const char *output =
      status == PTOLOWER_OK ? ptolower_result_output(result, &job->pto_length) : "";
  free(job->pto);
  job->pto = strndup(output, job->pto_length);
  if (result) {
    ptolower_result_destroy(result);
  }
  return job->pto ? status : PTOLOWER_INTERNAL;
}

static ptolower_status lower_once(kernel_job *job) {
  size_t length;
  char *text = pypto_write_input(&job->shape, &length);
  ptolower_status status = text ? lower_text(job, text, length) : PTOLOWER_INTERNAL;
  free(text);
  return status;
}

/* As one tile of columns; where that is refused, in a loop over narrower ones. */
static ptolower_status lower_shape(kernel_job *job) {
  ptolower_status status = lower_once(job);
  if (status == PTOLOWER_REFUSED) {
    job->shape.cuts_columns = true;
    status = lower_once(job);
  }
  return status;
}

/* The chip of a module; false if it names none. ptoas takes a name that it does not know for its
 * default. */
static bool chip_of_module(const ptolower_result *kernel, ptolower_chip *out) {
  const char *name = ptolower_result_arch(kernel);
  if (!name) {
    return false;
  }
  *out = ptolower_chip_of(name);
  if (!out->name) {
    *out = ptolower_chip_of(NULL);
  }
  return true;
}

/* The chip that is asked for, else the default. */
static bool ask_chip(kernel_job *job) {
  job->chip = ptolower_chip_of(job->cli->target);
  if (!job->chip.name) {
    report_usage("'--target' is a2a3 or a5, not '%s'", job->cli->target);
  }
  return job->chip.name != NULL;
}

/* The chip that the module is for, if it says so; it must be the one that is asked for. */
static bool choose_chip(kernel_job *job, const ptolower_result *kernel) {
  const char *name = job->cli->target;
  ptolower_chip asked = job->chip;
  if (chip_of_module(kernel, &job->chip) && name && strcmp(asked.arch, job->chip.arch) != 0) {
    report_usage("'%s' is for %s, not for %s; leave '--target' out", job->cli->input,
                 job->chip.name, name);
    return false;
  }
  return true;
}

static ptolower_status read_lowered(kernel_job *job) {
  file_text text;
  if (!file_read(job->cli->input, &text)) {
    return PTOLOWER_REFUSED;
  }
  job->pto = text.data;
  job->pto_length = text.length;
  return PTOLOWER_OK;
}

/* ---- its signature ------------------------------------------------------ */

static const char *path_of_kernel(const kernel_job *job) {
  return job->cli->input ? job->cli->input : job->cli->name;
}

static ptolower_status read_with(const ptolower_options *options, const kernel_job *job,
                                 ptolower_result **out) {
  ptolower_status status = ptolower_read_signature(options, job->pto, job->pto_length, out);
  if (status != PTOLOWER_OK) {
    report_diagnostics(stderr, *out, false);
  }
  return status;
}

static ptolower_status read_functions(const kernel_job *job, ptolower_result **out) {
  ptolower_options *options = ptolower_options_create();
  ptolower_status status = PTOLOWER_INTERNAL;
  if (options && ptolower_options_set(options, "file", path_of_kernel(job)) == PTOLOWER_OK) {
    status = read_with(options, job, out);
  } else {
    report_error("out of memory");
  }
  ptolower_options_destroy(options);
  return status;
}

static ptolower_status read_signature(kernel_job *job) {
  ptolower_result *kernel = NULL;
  ptolower_status status = read_functions(job, &kernel);
  if (status == PTOLOWER_OK && !choose_chip(job, kernel)) {
    status = PTOLOWER_USAGE;
  }
  if (status == PTOLOWER_OK &&
      !pypto_take_signature(path_of_kernel(job), kernel, &job->signature)) {
    status = PTOLOWER_REFUSED;
  }
  ptolower_result_destroy(kernel);
  return status;
}

/* ---- the C++ ------------------------------------------------------------ */

/* Has ptoas compile the .pto of the folder. */
static bool run_ptoas(const kernel_job *job, const char *ptoas, file_text *out) {
  char path[PATH_MAX];
  ptolower_options *options = make_options(job);
  path_of(job, job->signature.name, ".pto", path);
  const pypto_compile given = {.ptoas = ptoas,
                               .path = path,
                               .text = job->pto,
                               .length = job->pto_length,
                               .arch = job->chip.arch,
                               .is_level2 = job->signature.tile_count > 0 &&
                                            job->signature.placed_tile_count == 0,
                               .proves = job->cli->synchronises,
                               .options = options};
  bool ok = options && pypto_run_ptoas(&given, out);
  ptolower_options_destroy(options);
  return ok;
}

/* ---- the folder --------------------------------------------------------- */

/* The directory, and those above it. */
static bool make_directory(const char *path) {
  char part[PATH_MAX];
  bool ok = true;
  for (size_t end = 0; ok && path[end];) {
    end += strspn(path + end, "/");
    end += strcspn(path + end, "/");
    snprintf(part, sizeof(part), "%.*s", (int)end, path);
    ok = mkdir(part, 0777) == 0 || errno == EEXIST;
  }
  if (!ok) {
    report_error("'%s' cannot be made: %s", part, strerror(errno));
  }
  return ok;
}

/* A file of the folder and its text, which is freed with it. */
typedef struct product {
  char path[PATH_MAX];
  char *text;
  size_t length;
} product;

/* The C++ of each function, and the Python. */
enum { MOST_PRODUCTS = PYPTO_FUNCTIONS + 1 };

typedef struct folder {
  product products[MOST_PRODUCTS];
  size_t count;
} folder;

static product *add_product(folder *out, const kernel_job *job, const char *name,
                            const char *suffix) {
  product *added = &out->products[out->count++];
  path_of(job, name, suffix, added->path);
  return added;
}

static bool add_cpp(folder *out, const kernel_job *job, const char *ptoas_text) {
  const pypto_signature *kernel = &job->signature;
  for (int i = 0; i < kernel->function_count; i++) {
    const pypto_function *function = &kernel->functions[i];
    product *cpp = add_product(out, job, function->name, ".cpp");
    cpp->text = pypto_write_cpp(kernel, function, ptoas_text, &job->chip, &cpp->length);
    if (!cpp->text) {
      report_refusal(PTL_CODE_PYPTO_PTOAS,
                     "what ptoas wrote has no function '%s' with the arguments of the .pto",
                     function->name);
      return false;
    }
  }
  return true;
}

static ptolower_status write_products(const folder *out) {
  output_file files[MOST_PRODUCTS];
  for (size_t i = 0; i < out->count; i++) {
    const product *from = &out->products[i];
    files[i] = (output_file){.path = from->path, .text = from->text, .length = from->length};
  }
  return output_write(files, out->count);
}

/* The .pto first, since ptoas reads it; then all that is made of it, or nothing. */
static ptolower_status write_folder(const kernel_job *job, const char *ptoas) {
  folder out = {.count = 0};
  file_text text = {0};
  ptolower_status status = make_directory(job->cli->out_dir) ? write_pto(job) : PTOLOWER_REFUSED;
  if (status == PTOLOWER_OK && *ptoas &&
      !(run_ptoas(job, ptoas, &text) && add_cpp(&out, job, text.data))) {
    status = PTOLOWER_REFUSED;
  }
  if (status == PTOLOWER_OK) {
    product *stub = add_product(&out, job, job->signature.name, ".py");
    stub->text = pypto_write_stub(&job->signature, job->chip.name, &stub->length);
    status = stub->text ? write_products(&out) : PTOLOWER_REFUSED;
  }
  for (size_t i = 0; i < out.count; i++) {
    free(out.products[i].text);
  }
  file_text_free(&text);
  return status;
}

/* The weights' extents are not in the stub then. */
static void forget_rows(pypto_signature *kernel) {
  pypto_function *function = &kernel->functions[0];
  for (int i = 0; i < function->arg_count; i++) {
    function->args[i].rank *= strncmp(function->args[i].name, "w_", 2) != 0;
  }
}

static ptolower_status make_kernel(kernel_job *job) {
  const pypto_words *cli = job->cli;
  const char *asked = cli->synchroniser ? cli->synchroniser : cli->ptoas;
  if (!(cli->synchronises ? ptoas_choose_for_sync : ptoas_choose)(asked, &job->ptoas)) {
    return PTOLOWER_REFUSED;
  }
  if (!*job->ptoas.path && !job->ptoas.is_unwanted) {
    report_error("no ptoas was found; name one with --ptoas=PATH, or say --ptoas=none to do "
                 "without the C++");
    return PTOLOWER_REFUSED;
  }
  ptolower_status status = job->cli->input ? read_lowered(job) : lower_shape(job);
  status = status == PTOLOWER_OK ? read_signature(job) : status;
  if (status != PTOLOWER_OK) {
    return status;
  }
  if (!job->cli->input) {
    job->signature.n_tile = job->shape.n;
  }
  if (pypto_any_rows(job->cli)) {
    forget_rows(&job->signature);
  }
  return write_folder(job, job->ptoas.path);
}

ptolower_status pypto_kernel_main(int argc, char **argv) {
  pypto_words cli;
  ptolower_status status = read_words(argc, argv, &cli);
  if (status == PTOLOWER_OK && cli.is_helped) {
    return PTOLOWER_OK;
  }
  if (status == PTOLOWER_OK) {
    status = check_words(&cli);
  }
  if (status != PTOLOWER_OK) {
    return status;
  }
  kernel_job job = {.cli = &cli};
  if (!ask_chip(&job) || (!cli.input && !pypto_read_shape(&cli, job.chip.name, &job.shape))) {
    return PTOLOWER_USAGE;
  }
  status = make_kernel(&job);
  free(job.pto);
  return status;
}
