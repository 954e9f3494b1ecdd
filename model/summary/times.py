"""Times: words that say when at the head of a sentence, behind which it begins."""

TIME = (
    r"(?:(?:目前|如今|近年来|今年以来|同时|此外|另外|未来|今后|下一步|据悉|据了解|据介绍|其间|\d{4}年|今年|去年|当前"
    r"|截至目前|随后|接下来|近日|日前|\d{1,2}月(?:\d{1,2}日)?(?:上午|下午|晚)?)，?)?"
)
