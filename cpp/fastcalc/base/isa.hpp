// base: which instruction set this translation unit is compiled for.
//
// Comes in: the compiler's own flags. Goes out: the name of an inline namespace and the SIMD width.
// The idea: every header whose code depends on vector width opens `namespace fastcalc::inline FASTCALC_ISA`, so the
// same source compiled for three instruction sets gives three sets of symbols and the linker never mixes them.
#pragma once

#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#define FASTCALC_ISA x86_64_v4
#define FASTCALC_ISA_NAME "x86-64-v4"
#define FASTCALC_LANES 8
#elif defined(__AVX2__) && defined(__FMA__)
#define FASTCALC_ISA x86_64_v3
#define FASTCALC_ISA_NAME "x86-64-v3"
#define FASTCALC_LANES 4
#elif defined(__x86_64__)
#define FASTCALC_ISA x86_64_v2
#define FASTCALC_ISA_NAME "x86-64-v2"
#define FASTCALC_LANES 2
#else
#define FASTCALC_ISA portable
#define FASTCALC_ISA_NAME "portable"
#define FASTCALC_LANES 2
#endif
