//! Compiles the screens, bundles their translations, and keeps element names in debug builds so that tests find them.

use slint_build::{CompilerConfiguration, DefaultTranslationContext, compile_with_config};

#[expect(clippy::disallowed_methods, reason = "a build script asks cargo by the environment")]
fn main() {
    let debug = std::env::var("PROFILE").is_ok_and(|profile| profile == "debug");
    let config = CompilerConfiguration::new()
        .with_style("fluent".into())
        .with_bundled_translations("lang")
        .with_default_translation_context(DefaultTranslationContext::None)
        .with_debug_info(debug);
    println!("cargo::rerun-if-changed=lang");
    compile_with_config("slint/app.slint", config).expect("the screens compile");
}
