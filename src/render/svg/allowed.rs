//! What may be in a drawing. Everything else is left out, elements with all that is in them.

const ELEMENTS: &[&str] = &[
    "svg", "g", "defs", "symbol", "use", "title", "desc", "path", "rect", "circle", "ellipse",
    "line", "polyline", "polygon", "text", "tspan", "textPath", "image", "switch", "style",
    "linearGradient", "radialGradient", "stop", "pattern", "clipPath", "mask", "marker", "view",
    "filter", "feBlend", "feColorMatrix", "feComponentTransfer", "feComposite", "feConvolveMatrix",
    "feDiffuseLighting", "feDisplacementMap", "feDistantLight", "feDropShadow", "feFlood",
    "feFuncA", "feFuncB", "feFuncG", "feFuncR", "feGaussianBlur", "feMerge", "feMergeNode",
    "feMorphology", "feOffset", "fePointLight", "feSpecularLighting", "feSpotLight", "feTile",
    "feTurbulence",
];

const ATTRIBUTES: &[&str] = &[
    // of all
    "id", "class", "style", "lang", "role", "aria-label", "aria-hidden", "transform",
    "transform-origin",
    // places and sizes
    "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "fr", "dx", "dy",
    "width", "height", "viewBox", "preserveAspectRatio", "d", "points", "pathLength", "rotate",
    "textLength", "lengthAdjust", "startOffset", "method", "spacing", "side", "version",
    // references
    "href", "xlink:href",
    // colours, strokes and letters
    "fill", "fill-opacity", "fill-rule", "stroke", "stroke-dasharray", "stroke-dashoffset",
    "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-opacity", "stroke-width",
    "color", "color-interpolation", "color-interpolation-filters", "opacity", "display",
    "visibility", "overflow", "clip-path", "clip-rule", "mask", "filter", "marker-start",
    "marker-mid", "marker-end", "paint-order", "vector-effect", "shape-rendering",
    "text-rendering", "image-rendering", "mix-blend-mode", "isolation", "font-family", "font-size",
    "font-stretch", "font-style", "font-variant", "font-weight", "letter-spacing", "word-spacing",
    "text-anchor", "text-decoration", "dominant-baseline", "alignment-baseline", "baseline-shift",
    "writing-mode", "direction", "unicode-bidi",
    // gradients, patterns, masks, marks
    "offset", "stop-color", "stop-opacity", "gradientUnits", "gradientTransform", "spreadMethod",
    "patternUnits", "patternContentUnits", "patternTransform", "clipPathUnits", "maskUnits",
    "maskContentUnits", "mask-type", "markerUnits", "markerWidth", "markerHeight", "refX", "refY",
    "orient",
    // filters
    "in", "in2", "result", "filterUnits", "primitiveUnits", "stdDeviation", "mode", "operator",
    "k1", "k2", "k3", "k4", "values", "type", "tableValues", "slope", "intercept", "amplitude",
    "exponent", "order", "kernelMatrix", "divisor", "bias", "targetX", "targetY", "edgeMode",
    "preserveAlpha", "surfaceScale", "diffuseConstant", "specularConstant", "specularExponent",
    "scale", "xChannelSelector", "yChannelSelector", "azimuth", "elevation", "z", "pointsAtX",
    "pointsAtY", "pointsAtZ", "limitingConeAngle", "radius", "baseFrequency", "numOctaves", "seed",
    "stitchTiles", "flood-color", "flood-opacity", "lighting-color",
];

/// Pictures inside the file itself, of kinds that cannot run anything.
const INNER_PICTURES: &[&str] = &[
    "data:image/png;base64,",
    "data:image/jpeg;base64,",
    "data:image/gif;base64,",
    "data:image/webp;base64,",
];

/// In a style these fetch, run, or hide what the rest says.
const NEVER_IN_STYLES: &[&str] = &[
    "\\", "<", "@import", "@charset", "image-set", "image(", "src(", "expression", "javascript:",
    "behavior", "-moz-binding",
];

pub(super) fn is_element(name: &str) -> bool {
    ELEMENTS.contains(&name)
}

pub(super) fn is_attribute(name: &str) -> bool {
    ATTRIBUTES.contains(&name)
}

pub(super) fn is_value(element: &str, attribute: &str, value: &str) -> bool {
    match attribute {
        "href" | "xlink:href" => {
            let is_picture = element == "image"
                && INNER_PICTURES.iter().any(|kind| value.starts_with(kind));
            value.starts_with('#') || is_picture
        }
        _ => is_style(value),
    }
}

/// Refers to parts of the same drawing at most.
pub(super) fn is_style(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let hides = NEVER_IN_STYLES.iter().any(|word| text.contains(word));
    let mut addresses = text.split("url(").skip(1);
    let is_inside = |address: &str| {
        let address = address.trim_start().trim_start_matches(['"', '\'']);
        address.starts_with('#')
    };
    !hides && addresses.all(is_inside)
}
