namespace Sparkish.Tests.Closures;

/// <summary>All shapes but those that are top-level statements, in the order of the table.</summary>
internal static class AllShapes
{
    public static IEnumerable<Shape> Make() =>
        [.. LambdaShapes.Make(), .. ScopeShapes.Make(), .. MethodShapes.Make(), .. ThisShapes.Make(), .. EscapeShapes.Make(), .. StructShapes.Make(),
            .. GenericShapes.Make(), .. FunctionShapes.Make(), .. AsyncShapes.Make(), .. BodyShapes.Make(), .. NewSyntaxShapes.Make()];
}
