// Real processes take their time.
[assembly: Trait("Category", "Slow")]
