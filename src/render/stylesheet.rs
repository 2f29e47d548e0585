//! The few rules that rendered text needs to look right anywhere: alignment, formulas, frames, tasks.
//! Themes include them before their own. Must not set colours or fonts; those are the theme's.

/// Rules for every class the renderer writes but the highlighter's, which [`super::highlight_css`] has.
pub fn content_css() -> &'static str {
    "\
.align-left{text-align:left}
.align-center{text-align:center}
.align-right{text-align:right}
a.anchor{color:inherit;text-decoration:none}
a.anchor:hover{text-decoration:underline}
pre.code{overflow-x:auto;tab-size:4}
pre.plain{white-space:pre-wrap;overflow-wrap:anywhere}
figure>img,figure>a>img{max-width:100%;height:auto}
.gallery{display:grid;gap:.5rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,11rem),1fr))}
.gallery br{display:none}
.gallery img{display:block;width:100%;height:100%;max-width:100%;aspect-ratio:3/2;object-fit:cover}
.embed-frame{display:block;width:100%;max-width:100%;height:auto;aspect-ratio:16/9;border:1px solid}
.contains-task-list{list-style:none;padding-inline-start:1em}
math[display=block]{margin-block:1em}
.cell-left,.menv-cells-left mtd{text-align:left}
.cell-right,.menv-cells-right mtd{text-align:right}
.menv-alignlike mtd{padding-inline:0}
.menv-align mtd:nth-child(odd){text-align:right}
.menv-align mtd:nth-child(even){text-align:left}
.menv-left-solid{border-inline-start:1px solid}
.menv-right-solid{border-inline-end:1px solid}
.menv-left-dashed{border-inline-start:1px dashed}
.menv-right-dashed{border-inline-end:1px dashed}
.menv-hline>mtd{border-block-start:1px solid}
.menv-hdashline>mtd{border-block-start:1px dashed}
"
}
