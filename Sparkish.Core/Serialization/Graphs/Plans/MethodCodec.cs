using System.Reflection;
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs.Plans;

/// <summary>Methods in a graph: the declaring type, then version and token of the method, or its name and parameters for a framework's.</summary>
internal static class MethodCodec
{
    private const BindingFlags Any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly;

    private static readonly ConditionalWeakTable<Module, object> Versions = [];

    public static void Write(ObjectWriter writer, MethodInfo method)
    {
        var output = writer.Output;
        var declaring = method.DeclaringType;
        if (declaring is null || declaring.Assembly.IsDynamic)
        {
            throw writer.Refuse($"{method.Name} is compiled at run time and cannot be sent: use a lambda of your program");
        }

        if ((writer.Admission.MethodRefusal(declaring) ?? MethodRules.Refusal(method)) is { } reason) throw writer.Refuse(reason);
        writer.Types.Write(output, declaring);
        if (FrameworkAssemblies.Contains(declaring.Assembly)) WriteByName(writer, method);
        else WriteByToken(writer, method);
        WriteTypes(writer, method.GetGenericArguments());
    }

    public static MethodInfo Read(ObjectReader reader, ref ByteReader input)
    {
        var declaring = reader.Types.Read(ref input).Type;
        if (reader.Admission.MethodRefusal(declaring) is { } reason) throw new SerializationException($"{reason}.");
        var method = FrameworkAssemblies.Contains(declaring.Assembly)
            ? ReadByName(reader, ref input, declaring)
            : ReadByToken(reader, ref input, declaring);
        if (MethodRules.Refusal(method) is { } refusal) throw new SerializationException($"{refusal}.");
        var arguments = ReadTypes(reader, ref input);
        return arguments.Length == 0 && !method.IsGenericMethodDefinition ? method : method.MakeGenericMethod(arguments);
    }

    private static void WriteByToken(ObjectWriter writer, MethodInfo method)
    {
        writer.Output.WriteUnmanaged(VersionOf(method.Module));
        writer.Output.WriteCount(method.MetadataToken & 0xFFFFFF);
    }

    private static MethodInfo ReadByToken(ObjectReader reader, ref ByteReader input, Type declaring)
    {
        var written = input.ReadUnmanaged<Guid>();
        var here = VersionOf(declaring.Module);
        if (written != here)
        {
            throw new SerializationException(
                $"Assembly {AssemblyNames.Of(declaring.Assembly)}: the driver runs version {written}, this node has {here}: deploy the same build.");
        }

        const int MethodTable = 0x06000000;
        var token = input.ReadCount(minBytesEach: 0);
        if (token > 0xFFFFFF) throw new SerializationException($"{token} is not the number of a method.");
        return reader.Binder.FindMethod(declaring, MethodTable | token) ?? throw new SerializationException(
            $"Method {token} of {AssemblyNames.Of(declaring.Assembly)} does not belong to {declaring}.");
    }

    private static void WriteByName(ObjectWriter writer, MethodInfo method)
    {
        Type[] parameters = [.. method.GetParameters().Select(parameter => parameter.ParameterType)];
        if (!method.IsPublic || method.IsGenericMethod || Array.Exists(parameters, type => type.IsByRef))
        {
            throw writer.Refuse($"{method.DeclaringType}.{method.Name} cannot be sent as it is: call it in a lambda");
        }

        writer.Output.WriteString(method.Name);
        WriteTypes(writer, parameters);
    }

    private static MethodInfo ReadByName(ObjectReader reader, ref ByteReader input, Type declaring)
    {
        var name = input.ReadString() ?? "";
        var parameters = ReadTypes(reader, ref input);
        return declaring.GetMethod(name, Any, null, parameters, null) is { IsGenericMethod: false } method ? method
            : throw new SerializationException($"{declaring} has no public method {name} with these parameters here.");
    }

    private static void WriteTypes(ObjectWriter writer, Type[] types)
    {
        writer.Output.WriteCount(types.Length);
        foreach (var type in types) writer.Types.Write(writer.Output, type);
    }

    private static Type[] ReadTypes(ObjectReader reader, ref ByteReader input)
    {
        var types = new Type[input.ReadCount()];
        for (var i = 0; i < types.Length; i++) types[i] = reader.Types.Read(ref input).Type;
        return types;
    }

    private static Guid VersionOf(Module module) => (Guid)Versions.GetValue(module, static module => module.ModuleVersionId);
}
