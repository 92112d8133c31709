/** Manifests as people write them: files, folders and streams of YAML or JSON. */
@NullMarked
package dev.openkcm.networking.cli.manifest;

import org.jspecify.annotations.NullMarked;
