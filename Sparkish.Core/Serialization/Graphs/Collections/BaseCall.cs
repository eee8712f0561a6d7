using System.Reflection;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>Calls a virtual method as the class that declares it wrote it, whatever the object's own class overrides.</summary>
internal static class BaseCall
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static TDelegate Of<TDelegate>(object target, Type declaring, string method) where TDelegate : Delegate
    {
        var parameters = typeof(TDelegate).GetMethod(nameof(Action.Invoke))!.GetParameters();
        var found = declaring.GetMethod(method, Declared, [.. parameters.Select(parameter => parameter.ParameterType)])
            ?? throw new MissingMethodException(declaring.FullName, method);
        return (TDelegate)Activator.CreateInstance(typeof(TDelegate), target, found.MethodHandle.GetFunctionPointer())!;
    }
}
