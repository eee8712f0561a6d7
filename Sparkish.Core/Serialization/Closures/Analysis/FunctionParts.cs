using System.Reflection;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>The parts of delegates: the method, and the objects around it.</summary>
internal static class FunctionParts
{
    public static Delegate[] Of(Delegate function) => function.HasSingleTarget ? [function] : function.GetInvocationList();

    /// <summary>The object whose member a function's code is: its target, or the <c>this</c> among its captured variables; null without one.</summary>
    public static object? SelfOf(Delegate function)
    {
        if (function.Target is not { } target || function.Method.IsStatic || CompilerTypes.IsSingleton(target.GetType())) return null;
        return CompilerTypes.IsCapture(target.GetType()) ? OuterThisOf(target) : target;
    }

    /// <summary>Creates a delegate to exactly this method, as <c>base.Name</c> does; null if the two do not match.</summary>
    public static Delegate? Make(Type type, object? target, MethodInfo method)
    {
        var made = Delegate.CreateDelegate(type, target, method, throwOnBindFailure: false);
        if (made is null || !method.IsVirtual || MemberKey.Of(made.Method) == MemberKey.Of(method)) return made;

        // The runtime chose the override of the target's class; the constructor that compilers use binds the given method.
        return (Delegate)Activator.CreateInstance(type, target, method.MethodHandle.GetFunctionPointer())!;
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
