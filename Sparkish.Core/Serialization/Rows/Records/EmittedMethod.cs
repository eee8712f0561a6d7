using System.Reflection;
using System.Reflection.Emit;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Rows.Records;

/// <summary>The common part of the emitters: the code, the constants that it refers to, and the amount of inlined code.</summary>
/// <remarks>
/// All methods that are emitted have the form
/// <code>
/// static TResult Name(object[] constants, ByteWriter or ref ByteReader, …)
/// </code>
/// and are bound to their constants, so that a delegate takes the other parameters. The loop of <see cref="ForEach"/> is
/// <code>
/// for (var index = 0; index &lt; span.Length; index++) body(index);
/// </code>
/// </remarks>
internal abstract class EmittedMethod
{
    // Beyond this number of members a method calls the codecs of its parts: the just-in-time compiler does not optimize very large methods.
    private const int MostMembers = 96;

    private readonly List<object> _constants = [];
    private readonly DynamicMethod _method;
    private int _members;

    protected EmittedMethod(string name, Type returned, Type[] parameters)
    {
        _method = new DynamicMethod(name, returned, [typeof(object[]), .. parameters], typeof(EmittedMethod).Module, skipVisibility: true);
        Il = _method.GetILGenerator();
    }

    protected ILGenerator Il { get; }

    public TDelegate Make<TDelegate>() where TDelegate : Delegate
    {
        Il.Emit(OpCodes.Ret);
        return _method.CreateDelegate<TDelegate>(_constants.ToArray());
    }

    /// <summary>The inline encoding of a type; null if its codec is called.</summary>
    protected CodecForm? FormOf(Type type)
    {
        if (++_members > MostMembers) return null;
        var form = Codec.Of(type).Form;
        return form is RecordForm { Shape.IsExtensible: true } || (form is RecordForm && type.IsClass && TypeReach.IsRecursive(type)) ? null : form;
    }

    /// <summary>Pushes an object that the code needs.</summary>
    protected void LoadConstant(object constant)
    {
        Il.Emit(OpCodes.Ldarg_0);
        Il.Emit(OpCodes.Ldc_I4, _constants.Count);
        Il.Emit(OpCodes.Ldelem_Ref);
        _constants.Add(constant);
    }

    protected void LoadCodec(Type type) => LoadConstant(Codec.Of(type));

    protected static MethodInfo CodecMethod(Type type, string name) => typeof(Codec<>).MakeGenericType(type).GetMethod(name)!;

    protected static MethodInfo Method(Type type, string name) =>
        type.GetMethod(name, BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!;

    /// <summary>A loop over a span; the body receives the local of the index.</summary>
    protected void ForEach(MethodInfo length, Action loadSpan, Action<LocalBuilder> body)
    {
        var index = Il.DeclareLocal(typeof(int));
        var (test, next) = (Il.DefineLabel(), Il.DefineLabel());
        Il.Emit(OpCodes.Ldc_I4_0);
        Il.Emit(OpCodes.Stloc, index);
        Il.Emit(OpCodes.Br, test);
        Il.MarkLabel(next);
        body(index);
        Il.Emit(OpCodes.Ldloc, index);
        Il.Emit(OpCodes.Ldc_I4_1);
        Il.Emit(OpCodes.Add);
        Il.Emit(OpCodes.Stloc, index);
        Il.MarkLabel(test);
        Il.Emit(OpCodes.Ldloc, index);
        loadSpan();
        Il.Emit(OpCodes.Call, length);
        Il.Emit(OpCodes.Blt, next);
    }
}
