namespace Sparkish.Serialization.Closures;

/// <summary>What stands around the method of a delegate.</summary>
internal static class FunctionParts
{
    public static Delegate[] Of(Delegate function) => function.HasSingleTarget ? [function] : function.GetInvocationList();

    /// <summary>The object whose member the code of a function is: its target, or what its captured variables call <c>this</c>; null where there is none.</summary>
    public static object? SelfOf(Delegate function)
    {
        if (function.Target is not { } target || function.Method.IsStatic || CompilerTypes.IsSingleton(target.GetType())) return null;
        return CompilerTypes.IsCapture(target.GetType()) ? OuterThisOf(target) : target;
    }

    private static object? OuterThisOf(object capture)
    {
        foreach (var field in CapturedField.Of(capture.GetType()))
        {
            if (!field.IsOuterThis && !field.IsOuterScope) continue;
            var value = field.Info.GetValue(capture);
            if (field.IsOuterThis && value is not null) return value;
            if (field.IsOuterScope && value is not null && OuterThisOf(value) is { } outer) return outer;
        }

        return null;
    }
}
