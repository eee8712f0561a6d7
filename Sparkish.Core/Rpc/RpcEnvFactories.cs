using System.Reflection;
using Sparkish.Configuration;

namespace Sparkish.Rpc;

/// <summary>Finds the factory of envs that <c>spark.rpc.factory</c> names. All nodes of a cluster need the same one.</summary>
public static class RpcEnvFactories
{
    // By their names, so that the abstraction does not depend on what implements it.
    private static readonly Dictionary<string, string> ShortNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["network"] = "Sparkish.Rpc.Transport.NetworkRpcEnvFactory, Sparkish.Core",
    };

    /// <summary>Makes the factory that the settings name; that of the built-in network env unless they name one.</summary>
    /// <exception cref="SparkException">The value of <c>spark.rpc.factory</c> leads to no usable factory; the message says why and what to do.</exception>
    public static IRpcEnvFactory From(SparkConf conf)
    {
        ArgumentNullException.ThrowIfNull(conf);
        var value = conf.Get(CoreKeys.RpcFactory).Trim();
        var type = Find(value, ShortNames.GetValueOrDefault(value, value));
        if (!type.IsVisible) throw Invalid(value, $"{type} is not public: make it and the types around it public");
        if (!typeof(IRpcEnvFactory).IsAssignableFrom(type)) throw Invalid(value, $"{type} does not implement {nameof(IRpcEnvFactory)}: name a class that does");
        if (type.IsAbstract || type.ContainsGenericParameters)
            throw Invalid(value, $"{type} cannot be instantiated: name a class that is neither abstract nor generic");
        if (type.GetConstructor(Type.EmptyTypes) is not { } constructor) throw Invalid(value, $"{type} has no public constructor without parameters: add one");
        try
        {
            return (IRpcEnvFactory)constructor.Invoke(null);
        }
        catch (TargetInvocationException error)
        {
            throw Invalid(value, $"the constructor of {type} failed: {error.InnerException!.Message}", error.InnerException);
        }
    }

    private static Type Find(string value, string name)
    {
        var comma = name.IndexOf(',', StringComparison.Ordinal);
        if (comma <= 0 || comma == name.Length - 1)
            throw Invalid(value, $"it is neither a built-in env ({string.Join(", ", ShortNames.Keys)}) nor a type: write a type as 'Namespace.Type, Assembly'");
        var (typeName, assemblyName) = (name[..comma].Trim(), name[(comma + 1)..].Trim());
        try
        {
            return Load(assemblyName).GetType(typeName)
                ?? throw Invalid(value, $"assembly {assemblyName} has no type {typeName}: check the name, which includes the namespace");
        }
        catch (Exception error) when (error is IOException or BadImageFormatException or ArgumentException or TypeLoadException)
        {
            throw Invalid(value,
                $"assembly {assemblyName} cannot be loaded: put it and what it needs beside the program on every node ({error.Message})", error);
        }
    }

    /// <summary>Loads what the program refers to, or what merely lies beside it.</summary>
    private static Assembly Load(string name)
    {
        try
        {
            return Assembly.Load(new AssemblyName(name));
        }
        catch (FileNotFoundException) when (FileBesideProgram(name) is { } file)
        {
            return Assembly.LoadFrom(file);
        }
    }

    private static string? FileBesideProgram(string name)
    {
        var file = Path.Combine(AppContext.BaseDirectory, new AssemblyName(name).Name + ".dll");
        return File.Exists(file) ? file : null;
    }

    private static SparkException Invalid(string value, string reason, Exception? cause = null) =>
        new($"{CoreKeys.RpcFactory.Key} is '{value}', but {reason}.", cause);
}
